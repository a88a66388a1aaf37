/** Where the pieces of JSON text lie. A line end stops every loop, for it cannot occur inside JSON on one line. */
// @ts-nocheck: AssemblyScript

export const NEWLINE: u8 = 0x0a
export const QUOTE: u8 = 0x22
export const BACKSLASH: u8 = 0x5c
export const COMMA: u8 = 0x2c

/** What a value is. */
export const MISSING: u32 = 0
export const STRING: u32 = 1
export const SCALAR: u32 = 2
export const OBJECT: u32 = 3
export const LIST: u32 = 4

export function lineEnd(p: usize, end: usize): usize {
  const newlines = i8x16.splat(NEWLINE)
  for (; p + 16 <= end; p += 16) {
    const lines = i8x16.bitmask(i8x16.eq(v128.load(p), newlines))
    if (lines != 0) return p + ctz(lines) + 1
  }
  for (; p < end; p++) if (load<u8>(p) == NEWLINE) return p + 1
  return 0
}

/** Skips blanks within a line. */
export function space(p: usize): usize {
  while (true) {
    const byte = load<u8>(p)
    if (byte != 0x20 && byte != 0x09 && byte != 0x0d) return p
    p += 1
  }
}

export function kindOf(byte: u8): u32 {
  if (byte == QUOTE) return STRING
  if (byte == 0x7b) return OBJECT
  if (byte == 0x5b) return LIST
  return SCALAR
}

/** Behind the closing quote of the string whose text begins at `p`, or 0. */
export function stringEnd(p: usize): usize {
  while (true) {
    const byte = load<u8>(p)
    if (byte == QUOTE) return p + 1
    if (byte == NEWLINE) return 0
    p += byte == BACKSLASH && load<u8>(p, 1) != NEWLINE ? 2 : 1
  }
}

export function skipValue(p: usize, kind: u32): usize {
  if (kind == STRING) return stringEnd(p + 1)
  if (kind == SCALAR) {
    const start = p
    while (true) {
      const byte = load<u8>(p)
      if (byte == COMMA || byte == 0x7d || byte == 0x5d || byte <= 0x20) return p > start ? p : 0
      p += 1
    }
  }
  let depth: u32 = 0
  while (true) {
    const byte = load<u8>(p)
    p += 1
    if (byte == NEWLINE) return 0
    if (byte == QUOTE) {
      p = stringEnd(p)
      if (p == 0) return 0
    } else if (byte == 0x7b || byte == 0x5b) depth += 1
    else if (byte == 0x7d || byte == 0x5d) {
      depth -= 1
      if (depth == 0) return p
    }
  }
}
