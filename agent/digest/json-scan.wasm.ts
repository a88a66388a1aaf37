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
    if (byte == BACKSLASH) {
      p = escapeEnd(p + 1)
      if (p == 0) return 0
    } else p += 1
  }
}

/** Behind the escape whose letter is at `p`, or 0 where JSON knows none such (RFC 8259, section 7). */
function escapeEnd(p: usize): usize {
  switch (load<u8>(p)) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return p + 1
    case 0x75: // u
      for (let i: u32 = 1; i <= 4; i++) if (!isHex(load<u8>(p + i))) return 0
      return p + 5
  }
  return 0
}

function isHex(byte: u8): bool {
  const letter = byte | 0x20
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66)
}

/** Behind the value that begins at `p`, or 0 where it is not JSON (RFC 8259). */
export function valueEnd(p: usize, kind: u32): usize {
  if (kind == STRING) return stringEnd(p + 1)
  return kind == SCALAR ? scalarEnd(p) : containerEnd(p)
}

/** true, false, null, or a number. */
function scalarEnd(p: usize): usize {
  let end = p
  const word = load<u32>(p)
  if (word == 0x65757274 || word == 0x6c6c756e) end = p + 4
  else if (word == 0x736c6166 && load<u8>(p, 4) == 0x65) end = p + 5
  else end = numberEnd(p)
  return end != 0 && isBoundary(load<u8>(end)) ? end : 0
}

function numberEnd(p: usize): usize {
  if (load<u8>(p) == 0x2d) p += 1
  if (load<u8>(p) == 0x30) p += 1
  else if ((p = digitsEnd(p)) == 0) return 0
  if (load<u8>(p) == 0x2e && (p = digitsEnd(p + 1)) == 0) return 0
  if ((load<u8>(p) | 0x20) != 0x65) return p
  const sign = load<u8>(p, 1)
  return digitsEnd(p + (sign == 0x2b || sign == 0x2d ? 2 : 1))
}

/** Behind at least one digit, or 0. */
function digitsEnd(p: usize): usize {
  const start = p
  while (load<u8>(p) >= 0x30 && load<u8>(p) <= 0x39) p += 1
  return p > start ? p : 0
}

/** Whether nothing of a number or a word goes on here. */
function isBoundary(byte: u8): bool {
  return byte == COMMA || byte == 0x7d || byte == 0x5d || byte <= 0x20
}

/** Deeper than what PostgreSQL's own parser reads with its usual stack. */
const MAX_DEPTH: u32 = 65536
/** One bit for each level that is open: whether it is an object. */
const levels = memory.data(8192)

function isObject(depth: u32): bool {
  return ((<u32>load<u8>(levels + (depth >>> 3)) >>> (depth & 7)) & 1) != 0
}

function openLevel(depth: u32, asObject: bool): void {
  const at = levels + (depth >>> 3)
  const bit: u32 = (<u32>1) << (depth & 7)
  const others = <u32>load<u8>(at) & ~bit
  store<u8>(at, <u8>(asObject ? others | bit : others))
}

/** Behind the object or list that begins at `p`, or 0. */
function containerEnd(p: usize): usize {
  let depth: u32 = 0
  while (true) {
    const byte = load<u8>(p)
    const opensObject = byte == 0x7b
    if (opensObject || byte == 0x5b) {
      if (depth == MAX_DEPTH) return 0
      openLevel(depth, opensObject)
      depth += 1
      p = space(p + 1)
      if (load<u8>(p) == (opensObject ? 0x7d : 0x5d)) {
        depth -= 1
        p += 1
      } else {
        if (opensObject && (p = keyEnd(p)) == 0) return 0
        continue
      }
    } else if ((p = valueEnd(p, byte == QUOTE ? STRING : SCALAR)) == 0) return 0
    // behind a value: its level goes on with the next, or ends, and perhaps those around it
    while (true) {
      if (depth == 0) return p
      p = space(p)
      const inObject = isObject(depth - 1)
      const next = load<u8>(p)
      p += 1
      if (next == COMMA) {
        p = space(p)
        if (inObject && (p = keyEnd(p)) == 0) return 0
        break
      }
      if (next != (inObject ? 0x7d : 0x5d)) return 0
      depth -= 1
    }
  }
}

/** Where the value of the key that begins at `p` begins, or 0. */
function keyEnd(p: usize): usize {
  if (load<u8>(p) != QUOTE) return 0
  p = stringEnd(p + 1)
  if (p == 0) return 0
  p = space(p)
  return load<u8>(p) == 0x3a ? space(p + 1) : 0
}
