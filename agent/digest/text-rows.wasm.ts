/**
 * Digests rows of COPY … TO STDOUT in its text format (https://www.postgresql.org/docs/current/sql-copy.html, "Text Format")
 * as binary COPY tuples of their fields' texts: the form in which csv-records digests the fields of a CSV record.
 */
// @ts-nocheck: AssemblyScript
import { BACKSLASH, meaning, NEWLINE, TAB } from './copy-text.wasm'
import { addRow, byteCount, rowCount, sumHigh, sumLow } from './row-hash.wasm'
export { byteCount, rowCount, sumHigh, sumLow }

/** PostgreSQL's limit of columns is 1,600 (MaxHeapAttributeNumber is 1600); further ones are counted, but not written. */
const MAX_COLUMNS: u32 = 1664

let input: usize = 0
let tuple: usize = 0

/** Makes room for `inputSize` bytes and for the tuple of a row as long; returns where the input begins. */
export function reserve(inputSize: u32): usize {
  input = (__heap_base + 15) & ~15
  tuple = input + inputSize + 16
  const end = tuple + inputSize + MAX_COLUMNS * 4 + 32
  const pages = <i32>((end + 0xffff) >>> 16) - memory.size()
  if (pages > 0) memory.grow(pages)
  return input
}

/** Digests the whole rows among `length` bytes of input, and returns how many bytes they are. */
export function process(length: u32): u32 {
  const end = input + length
  let start = input
  while (start < end) {
    const next = addTuple(start, end)
    if (next == 0) break
    start = next
  }
  return <u32>(start - input)
}

/** Returns the end of the row that begins at `start`, or 0 where it does not end. */
function addTuple(start: usize, end: usize): usize {
  const tabs = i8x16.splat(TAB)
  const newlines = i8x16.splat(NEWLINE)
  const backslashes = i8x16.splat(BACKSLASH)
  let to = tuple + 2
  let from = start
  let isEscaped = false
  let count: u32 = 0
  for (let p = start; p < end; p += 16) {
    const block = v128.load(p)
    const escapes = i8x16.bitmask(i8x16.eq(block, backslashes))
    const lines = i8x16.bitmask(i8x16.eq(block, newlines))
    let all = escapes | lines | i8x16.bitmask(i8x16.eq(block, tabs))
    const left = <u32>(end - p)
    if (left < 16) all &= (1 << left) - 1
    while (all != 0) {
      const bit = all & -all
      all ^= bit
      if (escapes & bit) {
        isEscaped = true
        continue
      }
      const at = p + ctz(bit)
      if (count < MAX_COLUMNS) to = writeField(to, from, at, isEscaped)
      count += 1
      isEscaped = false
      from = at + 1
      if (lines & bit) {
        store<u16>(tuple, bswap<u16>(<u16>count))
        addRow(tuple, <u32>(to - tuple))
        return from
      }
    }
  }
  return 0
}

/** A 32-bit length, big-endian, and the text; -1 for NULL, which is an escaped N alone. */
function writeField(to: usize, from: usize, end: usize, isEscaped: bool): usize {
  const length = <u32>(end - from)
  if (isEscaped && length == 2 && load<u8>(from, 1) == 0x4e) {
    store<u32>(to, 0xffffffff)
    return to + 4
  }
  const text = to + 4
  let textEnd = text + length
  if (isEscaped) textEnd = unescape(text, from, end)
  // Most fields are short: one store that may reach into what is written next.
  else if (length <= 16) v128.store(text, v128.load(from))
  else memory.copy(text, from, length)
  store<u32>(to, bswap<u32>(<u32>(textEnd - text)))
  return textEnd
}

function unescape(to: usize, p: usize, end: usize): usize {
  while (p < end) {
    let byte = load<u8>(p)
    p += 1
    if (byte == BACKSLASH && p < end) {
      byte = meaning(load<u8>(p))
      p += 1
    }
    store<u8>(to, byte)
    to += 1
  }
  return to
}
