/** What a column makes of a JSON value, without making an object of it. */
// @ts-nocheck: AssemblyScript
import { BACKSLASH, COMMA, kindOf, LIST, QUOTE, SCALAR, STRING, valueEnd } from './json-scan.wasm'
import { unescape } from './json-text.wasm'

/** What a column makes of a value: its text; a PostgreSQL array; JSON text; an array of JSON texts. */
const ARRAY: u32 = 1
const JSON_TEXT: u32 = 2
const JSON_ARRAY: u32 = 3

let isJsonArray: bool = false
/** Where the room ends in which an element's text lies before it is escaped. */
let scratchEnd: usize = 0

export function setScratchEnd(end: usize): void {
  scratchEnd = end
}

/** Doubles the quotes of a text where it lies, from its end; returns the new end. */
export function doubleQuotes(start: usize, end: usize): usize {
  let count: u32 = 0
  for (let p = start; p < end; p++) if (load<u8>(p) == QUOTE) count += 1
  if (count == 0) return end
  const newEnd = end + count
  let to = newEnd
  for (let p = end; p > start;) {
    p -= 1
    to -= 1
    const byte = load<u8>(p)
    store<u8>(to, byte)
    if (byte == QUOTE) {
      to -= 1
      store<u8>(to, QUOTE)
    }
  }
  return newEnd
}

export function writeValue(to: usize, slot: usize, form: u32): usize {
  const kind = load<u32>(slot)
  const start = load<u32>(slot, 4)
  const end = load<u32>(slot, 8)
  if (form == JSON_TEXT) return copyBytes(to, start, end)
  if (kind == STRING) return unescape(start + 1, end - 1, to)
  if (kind == LIST && (form == ARRAY || form == JSON_ARRAY)) return writeArray(to, start, form)
  return copyBytes(to, start, end)
}

/** A PostgreSQL array literal of the list that begins at `p`; nested lists become further dimensions. */
function writeArray(to: usize, p: usize, form: u32): usize {
  isJsonArray = form == JSON_ARRAY
  let depth: u32 = 0
  while (true) {
    const byte = load<u8>(p)
    if (byte == 0x5b && (depth == 0 || form == ARRAY)) {
      depth += 1
      store<u8>(to, 0x7b)
      to += 1
      p += 1
    } else if (byte == 0x5d) {
      depth -= 1
      store<u8>(to, 0x7d)
      to += 1
      p += 1
      if (depth == 0) return to
    } else if (byte == COMMA) {
      store<u8>(to, COMMA)
      to += 1
      p += 1
    } else if (byte <= 0x20) p += 1
    else {
      const kind = kindOf(byte)
      const end = valueEnd(p, kind)
      to = writeElement(to, p, end)
      p = end
    }
  }
}

/** Strings lose their JSON escapes unless the element itself is JSON; quotes and backslashes get the array's own. */
function writeElement(to: usize, p: usize, end: usize): usize {
  const kind = kindOf(load<u8>(p))
  if (kind == SCALAR && !isJsonArray) return copyBytes(to, p, end)
  if (kind == SCALAR && end - p == 4 && load<u32>(p) == 0x6c6c756e) return copyBytes(to, p, end)
  store<u8>(to, QUOTE)
  to += 1
  // The text goes to the output's end first, where nothing lies yet, and comes back escaped.
  const scratch = scratchEnd - <u32>(end - p) - 8
  const textEnd =
    kind == STRING && !isJsonArray ? unescape(p + 1, end - 1, scratch) : copyBytes(scratch, p, end)
  for (let at = scratch; at < textEnd; at++) {
    const byte = load<u8>(at)
    if (byte == QUOTE || byte == BACKSLASH) {
      store<u8>(to, BACKSLASH)
      to += 1
    }
    store<u8>(to, byte)
    to += 1
  }
  store<u8>(to, QUOTE)
  return to + 1
}

export function copyBytes(to: usize, start: usize, end: usize): usize {
  memory.copy(to, start, end - start)
  return to + (end - start)
}
