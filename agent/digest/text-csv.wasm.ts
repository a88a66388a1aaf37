/**
 * Rows of COPY … TO STDOUT in its text format become CSV as the server would write it itself (CopyAttributeOutCSV in
 * src/backend/commands/copyto.c): it spends a quarter less on text than on CSV.
 */
// @ts-nocheck: AssemblyScript
import { BACKSLASH, meaning, NEWLINE, RETURN, TAB } from './copy-text.wasm'

const DOT: u8 = 0x2e

/** What occurred in a field: a backslash, or a delimiter or quote of CSV. */
const ESCAPED: u32 = 1
const MARKED: u32 = 2

let delimiter: u8 = 0x2c
let quote: u8 = 0x22
/** The table has one column: its `\.` could be taken for the end of the data. */
let isLone: bool = false
/** 32 UTF-16 units are at most 96 bytes. */
const nullText = memory.data(96)
let nullLength: u32 = 0

let input: usize = 0
let out: usize = 0

export function nullTextAt(): usize {
  return nullText
}

export function configure(marks: u32, nullBytes: u32, columnCount: u32): void {
  delimiter = <u8>(marks & 0xff)
  quote = <u8>(marks >> 8)
  nullLength = nullBytes
  isLone = columnCount == 1
}

/** Makes room for `inputSize` bytes of rows and for `outputSize` of CSV; what lies in the input stays. */
export function reserve(inputSize: u32, outputSize: u32): usize {
  input = (__heap_base + 15) & ~15
  out = input + inputSize + 16
  const pages = <i32>((out + outputSize + 0xffff) >>> 16) - memory.size()
  if (pages > 0) memory.grow(pages)
  return input
}
export function outputAt(): usize {
  return out
}

/** The most that `length` bytes of rows can become: an escaped byte stands for two already. */
export function largestOutput(length: u32): u32 {
  const end = input + length
  const perField = max<u32>(2, nullLength)
  let needed: u32 = length + 32
  for (let p = input; p < end; p += 16) {
    const block = v128.load(p)
    const left = <u32>(end - p)
    const mask: u32 = left < 16 ? (1 << left) - 1 : 0xffff
    const fields = i8x16.bitmask(
      v128.or(i8x16.eq(block, i8x16.splat(TAB)), i8x16.eq(block, i8x16.splat(NEWLINE))),
    )
    const quotes = i8x16.bitmask(i8x16.eq(block, i8x16.splat(quote)))
    needed += popcnt<u32>(fields & mask) * perField + popcnt<u32>(quotes & mask)
  }
  return needed
}

/**
 * Writes `length` bytes of whole rows as records; returns how many bytes they are. Sixteen bytes at a time go over as they stand,
 * tabs aside, until a field needs more: then it is written again from where it began.
 */
export function encode(length: u32): u32 {
  const end = input + length
  const tabs = i8x16.splat(TAB)
  const newlines = i8x16.splat(NEWLINE)
  const backslashes = i8x16.splat(BACKSLASH)
  const delimiters = i8x16.splat(delimiter)
  const quotes = i8x16.splat(quote)
  let to = out
  // The unfinished field: its text, and its place in the output.
  let from = input
  let field = out
  let kinds: u32 = 0
  let afterEnd: u32 = 1
  for (let p = input; p < end; p += 16) {
    const block = v128.load(p)
    const size = min<u32>(16, <u32>(end - p))
    const valid: u32 = (1 << size) - 1
    const isTab = i8x16.eq(block, tabs)
    const lines = i8x16.bitmask(i8x16.eq(block, newlines)) & valid
    const ends = lines | (i8x16.bitmask(isTab) & valid)
    const escapes = i8x16.bitmask(i8x16.eq(block, backslashes)) & valid
    const marks = i8x16.bitmask(v128.or(i8x16.eq(block, delimiters), i8x16.eq(block, quotes))) & valid
    const special = (escapes | marks) & ~ends
    // A field that may be the text for NULL: an empty one where that is empty, or else any.
    const doubtful = nullLength == 0 ? ends & ((ends << 1) | afterEnd) : ends
    afterEnd = ends >> 15
    if ((special | kinds | doubtful) == 0) {
      v128.store(to, v128.bitselect(delimiters, block, isTab))
      if (ends != 0) {
        const next = 32 - clz(ends)
        from = p + next
        field = to + next
      }
      to += size
      continue
    }
    let all = ends | special
    while (all != 0) {
      const bit = all & -all
      all ^= bit
      if (ends & bit) {
        const at = p + ctz(bit)
        field = writeField(field, from, at, kinds)
        store<u8>(field, lines & bit ? NEWLINE : delimiter)
        field += 1
        from = at + 1
        kinds = 0
      } else kinds |= escapes & bit ? ESCAPED : MARKED
    }
    // Without a mark so far it began in this block.
    if (kinds == 0) v128.store(field, v128.load(from))
    to = field + (p + size - from)
  }
  return <u32>(to - out)
}

function writeField(to: usize, from: usize, end: usize, kinds: u32): usize {
  if (kinds & ESCAPED) return writeEscaped(to, from, end)
  if (kinds != 0 || isNullText(from, end)) return writeQuoted(to, from, end)
  return copyField(to, from, <u32>(end - from))
}

/** NULL, which is an escaped N alone, or a text with letters behind backslashes: it is put right where it stands. */
function writeEscaped(to: usize, from: usize, end: usize): usize {
  if (end - from == 2 && load<u8>(from, 1) == 0x4e) {
    memory.copy(to, nullText, nullLength)
    return to + nullLength
  }
  let needsQuotes = false
  let textEnd = from
  for (let p = from; p < end; p++) {
    let byte = load<u8>(p)
    if (byte == BACKSLASH && p + 1 < end) {
      p += 1
      byte = meaning(load<u8>(p))
    }
    if (byte == delimiter || byte == quote || byte == NEWLINE || byte == RETURN) needsQuotes = true
    store<u8>(textEnd, byte)
    textEnd += 1
  }
  if (needsQuotes || isNullText(from, textEnd) || (isLone && isEndMark(from, textEnd)))
    return writeQuoted(to, from, textEnd)
  return copyField(to, from, <u32>(textEnd - from))
}

function isNullText(from: usize, end: usize): bool {
  return <u32>(end - from) == nullLength && memory.compare(from, nullText, nullLength) == 0
}

function isEndMark(from: usize, end: usize): bool {
  return end - from == 2 && load<u8>(from) == BACKSLASH && load<u8>(from, 1) == DOT
}

/** Most fields are short: one store that may reach into what is written next, or into the slack behind the output. */
function copyField(to: usize, from: usize, length: u32): usize {
  if (length <= 16) v128.store(to, v128.load(from))
  else memory.copy(to, from, length)
  return to + length
}

function writeQuoted(to: usize, p: usize, end: usize): usize {
  const quotes = i8x16.splat(quote)
  store<u8>(to, quote)
  to += 1
  while (p < end) {
    const left = <u32>(end - p)
    if (left >= 16) {
      const block = v128.load(p)
      if (i8x16.bitmask(i8x16.eq(block, quotes)) == 0) {
        v128.store(to, block)
        to += 16
        p += 16
        continue
      }
    }
    const stop = p + min<u32>(left, 16)
    for (; p < stop; p++) {
      const byte = load<u8>(p)
      store<u8>(to, byte)
      to += 1
      if (byte == quote) {
        store<u8>(to, byte)
        to += 1
      }
    }
  }
  store<u8>(to, quote)
  return to + 1
}
