/** The fields of one CSV record: found, selected, and written as CSV or as a binary COPY tuple of their texts. */
// @ts-nocheck: AssemblyScript
import { addRow } from './row-hash.wasm'

const NEWLINE: u8 = 0x0a

let delimiter: u8 = 0x2c
let quote: u8 = 0x22
let columns: u32 = 0
let selected: u32 = 0
let nullLength: u32 = 0

/** 32 characters, which may be three bytes each. */
const nullText = memory.data(96)
/** PostgreSQL's limit of columns is 1,600 (MaxHeapAttributeNumber is 1600). */
const MAX_COLUMNS: u32 = 1664
const selection = memory.data(1664 * 4, 4)
/** Start and end of each field of the current record, and whether a quote occurred in it. */
const fields = memory.data(1664 * 12, 4)
/** Set when a record has another number of fields than the columns. */
export let wrongFields: u32 = 0

export function nullTextAt(): usize {
  return nullText
}
export function selectionAt(): usize {
  return selection
}
export function maxColumns(): u32 {
  return MAX_COLUMNS
}

export function configureFields(marks: u32, columnCount: u32, selectedCount: u32, nullBytes: u32): void {
  delimiter = <u8>(marks & 0xff)
  quote = <u8>(marks >> 8)
  columns = columnCount
  selected = selectedCount
  nullLength = nullBytes
}

export function resetWrongFields(): void {
  wrongFields = 0
}

let fieldCount: u32 = 0
let fieldStart: usize = 0
let fieldQuoted: u32 = 0

/** Notes where each field lies; false where there are more or fewer than there are columns. */
export function split(p: usize, end: usize): bool {
  const quotes = i8x16.splat(quote)
  const delimiters = i8x16.splat(delimiter)
  let inQuotes = false
  fieldCount = 0
  fieldStart = p
  fieldQuoted = 0
  while (p < end) {
    // Reading beyond the record is harmless: behind the text lies the output.
    const block = v128.load(p)
    const marks = i8x16.bitmask(i8x16.eq(block, quotes))
    let all = marks | i8x16.bitmask(i8x16.eq(block, delimiters))
    const left = <u32>(end - p)
    if (left < 16) all &= (1 << left) - 1
    while (all != 0) {
      const bit = all & -all
      if (marks & bit) {
        inQuotes = !inQuotes
        fieldQuoted = 1
      } else if (!inQuotes) {
        endField(p + ctz(bit))
      }
      all ^= bit
    }
    p += 16
  }
  endField(end)
  if (fieldCount == columns) return true
  wrongFields = fieldCount
  return false
}

function endField(at: usize): void {
  if (fieldCount < MAX_COLUMNS) {
    const slot = fields + fieldCount * 12
    store<u32>(slot, <u32>fieldStart)
    store<u32>(slot, <u32>at, 4)
    store<u32>(slot, fieldQuoted, 8)
  }
  fieldCount += 1
  fieldStart = at + 1
  fieldQuoted = 0
}

/** An upper limit for the current record; the host has made room for one record of any form. */
export function neededOutput(): u32 {
  let needed: u32 = 8 + selected * 4
  for (let i: u32 = 0; i < selected; i++) {
    const slot = fields + load<u32>(selection + i * 4) * 12
    needed += load<u32>(slot, 4) - load<u32>(slot)
  }
  return needed
}

/** The selected fields as one record. */
export function writeCsv(to: usize): usize {
  for (let i: u32 = 0; i < selected; i++) {
    if (i > 0) {
      store<u8>(to, delimiter)
      to += 1
    }
    const slot = fields + load<u32>(selection + i * 4) * 12
    const from = load<u32>(slot)
    const length = load<u32>(slot, 4) - from
    copyField(to, from, length)
    to += length
  }
  store<u8>(to, NEWLINE)
  to += 1
  return to
}

/** Most fields are short: one store that may reach into what is written next, or into the slack behind the output. */
function copyField(to: usize, from: usize, length: u32): void {
  if (length <= 16) v128.store(to, v128.load(from))
  else memory.copy(to, from, length)
}

/** Writes and digests `d`, length, and a tuple: 16-bit count, per field a 32-bit length and its bytes, -1 for NULL; all big-endian. */
export function writeTuple(message: usize): usize {
  store<u8>(message, 0x64)
  const row = message + 5
  store<u16>(row, bswap<u16>(<u16>selected))
  let to = row + 2
  for (let i: u32 = 0; i < selected; i++) {
    const slot = fields + load<u32>(selection + i * 4) * 12
    const from = load<u32>(slot)
    const length = load<u32>(slot, 4) - from
    const quoted = load<u32>(slot, 8)
    if (!quoted && length == nullLength && memory.compare(from, nullText, length) == 0) {
      store<u32>(to, 0xffffffff)
      to += 4
      continue
    }
    const value = to + 4
    let valueEnd = value
    if (quoted) valueEnd = unquote(value, from, from + length)
    else {
      copyField(value, from, length)
      valueEnd += length
    }
    store<u32>(to, bswap<u32>(<u32>(valueEnd - value)))
    to = valueEnd
  }
  store<u32>(message, bswap<u32>(<u32>(to - message - 1)), 1)
  addRow(row, <u32>(to - row))
  return to
}

/** Inside quotes a doubled quote stands for one; all other quotes only switch. */
function unquote(to: usize, p: usize, end: usize): usize {
  let inQuotes = false
  for (; p < end; p++) {
    const byte = load<u8>(p)
    if (byte == quote) {
      if (inQuotes && p + 1 < end && load<u8>(p, 1) == quote) p += 1
      else {
        inQuotes = !inQuotes
        continue
      }
    }
    store<u8>(to, byte)
    to += 1
  }
  return to
}
