/**
 * JSON lines: one object per line. Encodes binary COPY tuples whose fields are JSON texts already, and decodes lines to CSV
 * records or to binary tuples of text, without making an object of any row. Numbers are never converted, so they stay exact.
 */
// @ts-nocheck: AssemblyScript
import {
  COMMA,
  kindOf,
  lineEnd,
  MISSING,
  NEWLINE,
  QUOTE,
  BACKSLASH,
  SCALAR,
  space,
  stringEnd,
  valueEnd,
} from './json-scan.wasm'
import { badText, clearBadText, unescape } from './json-text.wasm'
import { copyBytes, doubleQuotes, setScratchEnd, writeValue } from './json-values.wasm'
import { addRow, byteCount, resetDigest, rowCount, sumHigh, sumLow } from './row-hash.wasm'
export { byteCount, rowCount, sumHigh, sumLow }

/** What lines become: binary tuples of the raw JSON values (digest only), CSV records, CopyData messages of binary tuples of text. */
const VALUES: u32 = 0
const CSV: u32 = 1
let output: u32 = VALUES

export const NOT_AN_OBJECT: u32 = 1
export const UNKNOWN_KEY: u32 = 2
export const BAD_TEXT: u32 = 3

const MAX_COLUMNS: u32 = 1664
/** Start and length of each known name. */
const names = memory.data(1664 * 8, 4)
/** Kind, start and end of each known column's value in the current line. */
const slots = memory.data(1664 * 12, 4)
/** Index among the known names and form of each selected column. */
const selection = memory.data(1664 * 8, 4)
let nameCount: u32 = 0
let selected: u32 = 0
let isStrict: bool = false
/** How many bytes a byte of a line may become at most. */
let growth: u32 = 6

let input: usize = 0
let out: usize = 0
let outEnd: usize = 0
let heap: usize = 0
export let outputLength: u32 = 0
/** Why the line behind what was consumed cannot be read. */
export let problem: u32 = 0

export function namesAt(): usize {
  return names
}
export function selectionAt(): usize {
  return selection
}
/** Room for the bytes of all names, below the windows. */
export function reserveNames(size: u32): usize {
  const at = (__heap_base + 15) & ~15
  heap = at + ((size + 31) & ~15)
  return at
}
export function reserve(inputSize: u32, outputSize: u32): usize {
  input = heap
  out = input + inputSize + 16
  outEnd = out + outputSize
  setScratchEnd(outEnd)
  const pages = <i32>((outEnd + 16 + 0xffff) >>> 16) - memory.size()
  if (pages > 0) memory.grow(pages)
  return input
}
/** A column that is selected several times is written several times. */
export function setGrowth(times: u32): void {
  growth = times
}
export function outputAt(): usize {
  return out
}
export function configure(how: u32, knownCount: u32, selectedCount: u32, strict: bool): void {
  output = how
  nameCount = knownCount
  selected = selectedCount
  isStrict = strict
  resetDigest()
}

/** What of the row that was written last is digested. */
let rowAt: usize = 0
let rowLength: u32 = 0

/** Takes whole lines and returns how many bytes they are. The text must end with a line end. */
export function decode(length: u32): u32 {
  const end = input + length
  let start = input
  let to = out
  problem = 0
  while (start < end) {
    const next = lineEnd(start, end)
    if (next == 0) break
    let p = space(start)
    if (p < next - 1 && load<u8>(p) != NEWLINE) {
      if (to + 32 + selected * 8 + <u32>(next - start) * growth > outEnd) break
      clearBadText()
      if (!readObject(p)) break
      const row = writeRow(to)
      if (badText) {
        problem = BAD_TEXT
        break
      }
      addRow(rowAt, rowLength)
      if (output != VALUES) to = row
    }
    start = next
  }
  outputLength = <u32>(to - out)
  return <u32>(start - input)
}

/** Notes where each known key's value lies. */
function readObject(p: usize): bool {
  memory.fill(slots, 0, nameCount * 12)
  if (load<u8>(p) != 0x7b) return fail(NOT_AN_OBJECT)
  p = space(p + 1)
  if (load<u8>(p) == 0x7d) return atEnd(p + 1)
  let guess: u32 = 0
  while (true) {
    if (load<u8>(p) != QUOTE) return fail(NOT_AN_OBJECT)
    const key = p + 1
    p = stringEnd(key)
    if (p == 0) return fail(NOT_AN_OBJECT)
    const column = findName(key, <u32>(p - 1 - key), guess)
    if (column == MAX_COLUMNS && isStrict) return fail(UNKNOWN_KEY)
    p = space(p)
    if (load<u8>(p) != 0x3a) return fail(NOT_AN_OBJECT)
    p = space(p + 1)
    const kind = kindOf(load<u8>(p))
    const end = valueEnd(p, kind)
    if (end == 0) return fail(NOT_AN_OBJECT)
    if (column < MAX_COLUMNS) {
      const slot = slots + column * 12
      const isNull = kind == SCALAR && end - p == 4 && load<u32>(p) == 0x6c6c756e
      store<u32>(slot, isNull ? MISSING : kind)
      store<u32>(slot, <u32>p, 4)
      store<u32>(slot, <u32>end, 8)
      guess = column + 1
    }
    p = space(end)
    const byte = load<u8>(p)
    if (byte == 0x7d) return atEnd(p + 1)
    if (byte != COMMA) return fail(NOT_AN_OBJECT)
    p = space(p + 1)
  }
}

function atEnd(p: usize): bool {
  return load<u8>(space(p)) == NEWLINE ? true : fail(NOT_AN_OBJECT)
}

function fail(why: u32): bool {
  problem = why
  return false
}

/** The place of a key among the known names; keys usually come in the same order in every line. */
function findName(key: usize, length: u32, guess: u32): u32 {
  for (let p = key; p < key + length; p++) {
    if (load<u8>(p) != BACKSLASH) continue
    // an escaped key is compared as plain text, which is never longer; the output's end is free while a line is read
    const plain = outEnd - length - 8
    return findPlain(plain, <u32>(unescape(key, key + length, plain) - plain), 0)
  }
  return findPlain(key, length, guess)
}

function findPlain(key: usize, length: u32, guess: u32): u32 {
  for (let i: u32 = 0; i < nameCount; i++) {
    const column = (guess + i) % nameCount
    const name = names + column * 8
    if (load<u32>(name, 4) == length && memory.compare(load<u32>(name), key, length) == 0) return column
  }
  return MAX_COLUMNS
}

function writeRow(to: usize): usize {
  if (output == CSV) return writeCsv(to)
  const row = to + 5
  store<u8>(to, 0x64)
  store<u16>(row, bswap<u16>(<u16>selected))
  let p = row + 2
  for (let i: u32 = 0; i < selected; i++) {
    const slot = slots + load<u32>(selection + i * 8) * 12
    const kind = load<u32>(slot)
    if (kind == MISSING && output != VALUES) {
      store<u32>(p, 0xffffffff)
      p += 4
      continue
    }
    const end =
      output == VALUES ? rawValue(p + 4, slot) : writeValue(p + 4, slot, load<u32>(selection + i * 8, 4))
    store<u32>(p, bswap<u32>(<u32>(end - p - 4)))
    p = end
  }
  store<u32>(to, bswap<u32>(<u32>(p - to - 1)), 1)
  rowAt = row
  rowLength = <u32>(p - row)
  return p
}

/** The JSON text itself; a missing value reads like null, as it was written. */
function rawValue(to: usize, slot: usize): usize {
  if (load<u32>(slot) == MISSING) {
    store<u32>(to, 0x6c6c756e)
    return to + 4
  }
  return copyBytes(to, load<u32>(slot, 4), load<u32>(slot, 8))
}

/** Every field is quoted, so that only a missing one is NULL. */
function writeCsv(row: usize): usize {
  let to = row
  for (let i: u32 = 0; i < selected; i++) {
    if (i > 0) {
      store<u8>(to, COMMA)
      to += 1
    }
    const slot = slots + load<u32>(selection + i * 8) * 12
    if (load<u32>(slot) == MISSING) continue
    store<u8>(to, QUOTE)
    const text = to + 1
    const end = writeValue(text, slot, load<u32>(selection + i * 8, 4))
    to = doubleQuotes(text, end)
    store<u8>(to, QUOTE)
    to += 1
  }
  store<u8>(to, NEWLINE)
  to += 1
  rowAt = row
  rowLength = <u32>(to - row)
  return to
}
