const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** Length of the UTF-8 byte order mark that text may begin with (RFC 3629, section 6): it is no part of the first value. */
export function markLength(text: Uint8Array): number {
  return byteOrderMark.equals(text.subarray(0, byteOrderMark.length)) ? byteOrderMark.length : 0
}
