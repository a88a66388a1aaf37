/**
 * Finds the records of CSV text as PostgreSQL does (CopyReadLineText and CopyReadAttributesCSV in
 * src/backend/commands/copyfromparse.c, with the quote as its own escape): a quote toggles wherever it stands, and a line end
 * inside quotes is data. Each record is digested as it passes: as it is, cut to some of its fields, or as the binary COPY tuple
 * of its fields' texts, which may also be what comes out.
 */
// @ts-nocheck: AssemblyScript
import { addRow, byteCount, resetDigest, rowCount, sumHigh, sumLow } from './row-hash.wasm'
export { byteCount, rowCount, sumHigh, sumLow }

const NEWLINE: u8 = 0x0a
const RETURN: u8 = 0x0d

/** What comes out: the records untouched, selected fields as CSV, or CopyData messages of binary tuples. */
const RAW: u32 = 0
const CSV: u32 = 1

let output: u32 = RAW
/** What is digested: the record that comes out, or always the binary tuple of its selected fields. */
let digestsTuples: bool = false
let delimiter: u8 = 0x2c
let quote: u8 = 0x22
let columns: u32 = 0
let selected: u32 = 0
let nullLength: u32 = 0
/** Records still to be passed over without a trace: the header. */
let skipping: u32 = 0

const nullText = memory.data(32)
/** PostgreSQL's limit of columns is 1,600 (MaxHeapAttributeNumber is 1600). */
const MAX_COLUMNS: u32 = 1664
const selection = memory.data(1664 * 4, 4)
/** Start and end of each field of the current record, and whether a quote occurred in it. */
const fields = memory.data(1664 * 12, 4)

let input: usize = 0
let out: usize = 0
let outEnd: usize = 0
/** Room for the tuple of one record that is only digested. */
let scratch: usize = 0
export let outputLength: u32 = 0
/** Set when a record has another number of fields than the columns. */
export let wrongFields: u32 = 0
/** Length of a blank line that follows what was consumed: it is no record. */
export let blankLength: u32 = 0
/** Set when the text ends inside quotes. */
export let isUnterminated: u32 = 0

export function nullTextAt(): usize {
  return nullText
}
export function selectionAt(): usize {
  return selection
}
export function maxColumns(): u32 {
  return MAX_COLUMNS
}

export function configure(
  how: u32,
  marks: u32,
  columnCount: u32,
  selectedCount: u32,
  nullBytes: u32,
  asTuples: bool,
): void {
  output = how
  digestsTuples = asTuples
  delimiter = <u8>(marks & 0xff)
  quote = <u8>(marks >> 8)
  columns = columnCount
  selected = selectedCount
  nullLength = nullBytes
  resetDigest()
}

export function skipRecords(count: u32): void {
  skipping = count
}

/** Makes room for `inputSize` bytes to scan, `outputSize` to produce and `tupleSize` to digest; returns where the input begins. */
export function reserve(inputSize: u32, outputSize: u32, tupleSize: u32): usize {
  input = (__heap_base + 15) & ~15
  out = input + inputSize
  outEnd = out + outputSize
  scratch = outEnd + 16
  const pages = <i32>((scratch + tupleSize + 16 + 0xffff) >>> 16) - memory.size()
  if (pages > 0) memory.grow(pages)
  return input
}
export function outputAt(): usize {
  return out
}

/** Takes whole records from `length` bytes of input and returns how many bytes they are; the last one may end without a line end. */
export function process(length: u32, isLast: bool): u32 {
  const end = input + length
  let start = input
  let to = out
  outputLength = 0
  wrongFields = 0
  blankLength = 0
  isUnterminated = 0
  while (start < end) {
    let next = recordEnd(start, end)
    if (next == 0) {
      if (!isLast || isUnterminated) break
      next = end
    }
    const bare = withoutLineEnd(start, next)
    if (skipping > 0) {
      skipping -= 1
      start = next
      if (output == RAW) {
        // what was passed over is no part of the output, which must be one piece
        outputLength = 0
        return <u32>(start - input)
      }
      continue
    }
    if (bare == start && columns > 1) {
      blankLength = <u32>(next - start)
      break
    }
    if (output == RAW) {
      if (!digestsTuples) addRow(start, <u32>(next - start))
      else if (split(start, bare)) writeTuple(scratch)
      else break
      outputLength += <u32>(next - start)
      start = next
      continue
    }
    if (!split(start, bare) || to + neededOutput() > outEnd) break
    if (output == CSV && digestsTuples) writeTuple(scratch)
    to = output == CSV ? writeCsv(to) : writeTuple(to)
    start = next
  }
  if (output != RAW) outputLength = <u32>(to - out)
  return <u32>(start - input)
}

/** Behind the line end of the record that begins at `p`, or 0 where it does not end. */
function recordEnd(p: usize, end: usize): usize {
  const quotes = i8x16.splat(quote)
  const newlines = i8x16.splat(NEWLINE)
  let inQuotes = false
  while (p + 16 <= end) {
    const block = v128.load(p)
    let marks = i8x16.bitmask(i8x16.eq(block, quotes))
    const lines = i8x16.bitmask(i8x16.eq(block, newlines))
    if (marks == 0) {
      if (!inQuotes && lines != 0) return p + ctz(lines) + 1
    } else {
      let all = marks | lines
      while (all != 0) {
        const bit = all & -all
        if (marks & bit) inQuotes = !inQuotes
        else if (!inQuotes) return p + ctz(bit) + 1
        all ^= bit
      }
    }
    p += 16
  }
  for (; p < end; p++) {
    const byte = load<u8>(p)
    if (byte == quote) inQuotes = !inQuotes
    else if (byte == NEWLINE && !inQuotes) return p + 1
  }
  isUnterminated = u32(inQuotes)
  return 0
}

function withoutLineEnd(start: usize, end: usize): usize {
  if (end > start && load<u8>(end - 1) == NEWLINE) end -= 1
  if (end > start && load<u8>(end - 1) == RETURN) end -= 1
  return end
}

let fieldCount: u32 = 0
let fieldStart: usize = 0
let fieldQuoted: u32 = 0

/** Notes where each field lies; false where there are more or fewer than there are columns. */
function split(p: usize, end: usize): bool {
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
function neededOutput(): u32 {
  let needed: u32 = 8 + selected * 4
  for (let i: u32 = 0; i < selected; i++) {
    const slot = fields + load<u32>(selection + i * 4) * 12
    needed += load<u32>(slot, 4) - load<u32>(slot)
  }
  return needed
}

function writeCsv(to: usize): usize {
  const row = to
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
  if (!digestsTuples) addRow(row, <u32>(to - row))
  return to
}

/** Most fields are short: one store that may reach into what is written next, or into the slack behind the output. */
function copyField(to: usize, from: usize, length: u32): void {
  if (length <= 16) v128.store(to, v128.load(from))
  else memory.copy(to, from, length)
}

/** Writes and digests `d`, length, and a tuple: 16-bit count, per field a 32-bit length and its bytes, -1 for NULL; all big-endian. */
function writeTuple(message: usize): usize {
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
