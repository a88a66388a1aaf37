/** JSON's escapes (RFC 8259, section 7), in text that json-scan has checked. */
// @ts-nocheck: AssemblyScript

/** Set when a text has half of a surrogate pair or a NUL: PostgreSQL could not hold it. */
export let badText: bool = false

export function clearBadText(): void {
  badText = false
}

/** Writes the plain text of an escaped one to `to` and returns its end; it is never longer. */
export function unescape(p: usize, end: usize, to: usize): usize {
  while (p < end) {
    const byte = load<u8>(p)
    if (byte != 0x5c) {
      store<u8>(to, byte)
      p += 1
      to += 1
      continue
    }
    const escape = load<u8>(p, 1)
    p += 2
    if (escape == 0x75) {
      let code = hex(p)
      p += 4
      if (code >= 0xd800 && code < 0xe000) {
        const low = p + 6 <= end && load<u16>(p) == 0x755c ? hex(p + 2) : 0
        if (code >= 0xdc00 || low < 0xdc00 || low >= 0xe000) badText = true
        else {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
          p += 6
        }
      }
      if (code == 0) badText = true
      to = utf8(to, code)
      continue
    }
    store<u8>(to, plain(escape))
    to += 1
  }
  return to
}

function plain(escape: u8): u8 {
  switch (escape) {
    case 0x62:
      return 0x08
    case 0x66:
      return 0x0c
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
  }
  return escape
}

function hex(p: usize): u32 {
  let code: u32 = 0
  for (let i: u32 = 0; i < 4; i++) {
    const byte = <u32>load<u8>(p + i)
    const letter = byte | 0x20
    let digit: u32 = 0
    if (byte >= 0x30 && byte <= 0x39) digit = byte - 0x30
    else digit = letter - 0x57
    code = (code << 4) | digit
  }
  return code
}

function utf8(to: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code)
    return to + 1
  }
  if (code < 0x800) {
    store<u8>(to, <u8>(0xc0 | (code >> 6)))
    store<u8>(to, <u8>(0x80 | (code & 0x3f)), 1)
    return to + 2
  }
  if (code < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (code >> 12)))
    store<u8>(to, <u8>(0x80 | ((code >> 6) & 0x3f)), 1)
    store<u8>(to, <u8>(0x80 | (code & 0x3f)), 2)
    return to + 3
  }
  store<u8>(to, <u8>(0xf0 | (code >> 18)))
  store<u8>(to, <u8>(0x80 | ((code >> 12) & 0x3f)), 1)
  store<u8>(to, <u8>(0x80 | ((code >> 6) & 0x3f)), 2)
  store<u8>(to, <u8>(0x80 | (code & 0x3f)), 3)
  return to + 4
}
