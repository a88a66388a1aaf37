import { TaskFailure } from '../../../copy/failure.ts'

/**
 * Reads Parquet's hybrid of run lengths and bit packing into `values` until they are full or the bytes end; returns how many
 * there were (parquet-format, Encodings.md, RLE).
 */
export function decodeHybrid(bytes: Uint8Array, bitWidth: number, values: Int32Array | Uint8Array): number {
  if (bitWidth > 32) throw new TaskFailure('invalid_data', 'a Parquet page has damaged levels')
  const count = values.length
  let at = 0
  let seen = 0
  while (seen < count && at < bytes.length) {
    let header = 0
    let shift = 0
    for (;;) {
      const byte = bytes[at++] ?? 0
      header |= (byte & 127) << shift
      if (byte < 128) break
      shift += 7
    }
    const length = header >>> 1
    if (header & 1) {
      const packed = Math.min(length * 8, count - seen)
      unpack(bytes.subarray(at, at + length * bitWidth), bitWidth, values.subarray(seen, seen + packed))
      at += length * bitWidth
      seen += packed
    } else {
      let value = 0
      for (let bits = 0; bits < bitWidth; bits += 8) value |= (bytes[at++] ?? 0) << bits
      const end = Math.min(seen + length, count)
      values.fill(value, seen, end)
      seen = end
    }
  }
  return seen
}

function unpack(bytes: Uint8Array, bitWidth: number, values: Int32Array | Uint8Array): void {
  const mask = bitWidth === 32 ? -1 : (1 << bitWidth) - 1
  if (bitWidth > 24) return unpackWide(bytes, bitWidth, values)
  let pending = 0
  let bits = 0
  let at = 0
  for (let index = 0; index < values.length; index++) {
    while (bits < bitWidth) {
      pending |= (bytes[at++] ?? 0) << bits
      bits += 8
    }
    values[index] = pending & mask
    pending >>>= bitWidth
    bits -= bitWidth
  }
}

/** More than 24 bits do not fit beside the rest of a byte in 32: exact in a double, and rare. */
function unpackWide(bytes: Uint8Array, bitWidth: number, values: Int32Array | Uint8Array): void {
  const limit = 2 ** bitWidth
  let pending = 0
  let bits = 0
  let at = 0
  for (let index = 0; index < values.length; index++) {
    while (bits < bitWidth) {
      pending += (bytes[at++] ?? 0) * 2 ** bits
      bits += 8
    }
    values[index] = pending % limit
    pending = Math.floor(pending / limit)
    bits -= bitWidth
  }
}
