/**
 * Finds the records of CSV text as PostgreSQL does (CopyReadLineText and CopyReadAttributesCSV in
 * src/backend/commands/copyfromparse.c, with the quote as its own escape): a quote toggles wherever it stands, and a line end
 * inside quotes is data. Each record is digested as it passes: as it is, cut to some of its fields, or as COPY sends its fields'
 * texts, in binary form or as text.
 */
// @ts-nocheck: AssemblyScript
import { addRow, byteCount, resetDigest, rowCount, sumHigh, sumLow } from './row-hash.wasm'
import {
  configureFields,
  neededOutput,
  resetWrongFields,
  split,
  writeCsv,
  writeTextRow,
  writeTuple,
} from './csv-fields.wasm'
export { byteCount, rowCount, sumHigh, sumLow }
export { maxColumns, nullTextAt, selectionAt, wrongFields } from './csv-fields.wasm'

const NEWLINE: u8 = 0x0a
const RETURN: u8 = 0x0d

/** What comes out: the records untouched, selected fields as CSV, or CopyData messages of binary tuples. */
const RAW: u32 = 0
const CSV: u32 = 1

let output: u32 = RAW
/** What is digested: the record that comes out, or always its selected fields as a binary tuple or as a row of text. */
const OUTPUT: u32 = 0
const TUPLES: u32 = 1
let digested: u32 = OUTPUT
let quote: u8 = 0x22
let columns: u32 = 0
/** Records still to be passed over without a trace: the header. */
let skipping: u32 = 0

let input: usize = 0
let out: usize = 0
let outEnd: usize = 0
/** Room for one record in the form that is only digested. */
let scratch: usize = 0
export let outputLength: u32 = 0
/** Length of a blank line that follows what was consumed: it is no record. */
export let blankLength: u32 = 0
/** Set when the text ends inside quotes. */
export let isUnterminated: u32 = 0

export function configure(
  how: u32,
  marks: u32,
  columnCount: u32,
  selectedCount: u32,
  nullBytes: u32,
  what: u32,
): void {
  output = how
  digested = what
  quote = <u8>(marks >> 8)
  columns = columnCount
  configureFields(marks, columnCount, selectedCount, nullBytes)
  resetDigest()
}

export function skipRecords(count: u32): void {
  skipping = count
}

/** Makes room for `inputSize` bytes to scan, `outputSize` to produce and `scratchSize` to digest; returns where the input begins. */
export function reserve(inputSize: u32, outputSize: u32, scratchSize: u32): usize {
  input = (__heap_base + 15) & ~15
  out = input + inputSize
  outEnd = out + outputSize
  scratch = outEnd + 16
  const pages = <i32>((scratch + scratchSize + 16 + 0xffff) >>> 16) - memory.size()
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
  resetWrongFields()
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
      if (bare != start) skipping -= 1 // a blank line is no header
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
      if (digested == OUTPUT) addRow(start, <u32>(next - start))
      else if (split(start, bare)) digestFields()
      else break
      outputLength += <u32>(next - start)
      start = next
      continue
    }
    if (!split(start, bare) || to + neededOutput() > outEnd) break
    if (output == CSV) {
      const row = to
      to = writeCsv(to)
      if (digested == OUTPUT) addRow(row, <u32>(to - row))
      else digestFields()
    } else to = writeTuple(to)
    start = next
  }
  if (output != RAW) outputLength = <u32>(to - out)
  return <u32>(start - input)
}

function digestFields(): void {
  if (digested == TUPLES) writeTuple(scratch)
  else writeTextRow(scratch)
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
