/** Bits that hold the largest of `count` different values (0 for a single one). */
export function bitWidthFor(count: number): number {
  return count < 2 ? 0 : 32 - Math.clz32(count - 1)
}

/** A repetition shorter than this is cheaper bit-packed, because runs of packed values come in groups of eight. */
const shortestRun = 8

/**
 * Parquet's hybrid of run lengths and bit packing (parquet-format, Encodings.md, RLE) for levels and dictionary indices.
 * `values` hold at most `bitWidth` bits each.
 */
export function encodeHybrid(values: Int32Array | Uint8Array, count: number, bitWidth: number): Buffer {
  const out = new HybridWriter(count, bitWidth)
  let packedFrom = 0
  let at = 0
  while (at < count) {
    const value = values[at] ?? 0
    let end = at + 1
    while (end < count && values[end] === value) end++
    // Packed groups are whole: a run gives its first values to the open group.
    const fill = (8 - ((at - packedFrom) % 8)) % 8
    if (end - at - fill >= shortestRun) {
      out.packed(values, packedFrom, at + fill)
      out.run(value, end - at - fill)
      packedFrom = end
    }
    at = end
  }
  out.packed(values, packedFrom, count)
  return out.bytes()
}

/** One run for a page in which all levels are the same. */
export function encodeRun(value: number, count: number, bitWidth: number): Buffer {
  const out = new HybridWriter(8, bitWidth)
  out.run(value, count)
  return out.bytes()
}

class HybridWriter {
  readonly #bitWidth: number
  #buffer: Buffer
  #length = 0

  constructor(count: number, bitWidth: number) {
    this.#bitWidth = bitWidth
    this.#buffer = Buffer.allocUnsafe(Math.ceil((count * bitWidth) / 8) + 64)
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  run(value: number, length: number): void {
    this.#reserve(10)
    this.#varint(length * 2)
    for (let shift = 0; shift < this.#bitWidth; shift += 8)
      this.#buffer[this.#length++] = (value >>> shift) & 255
  }

  /** Values `from` … `to`; only the last call may leave a group unfinished, which is filled with zeros. */
  packed(values: Int32Array | Uint8Array, from: number, to: number): void {
    if (to === from) return
    const groups = Math.ceil((to - from) / 8)
    this.#reserve(groups * this.#bitWidth + 10)
    this.#varint(groups * 2 + 1)
    const end = this.#length + groups * this.#bitWidth
    const buffer = this.#buffer
    const width = this.#bitWidth
    let at = this.#length
    let pending = 0
    let bits = 0
    for (let index = from; index < to; index++) {
      pending |= (values[index] ?? 0) << bits
      bits += width
      while (bits >= 8) {
        buffer[at++] = pending & 255
        pending >>>= 8
        bits -= 8
      }
    }
    if (bits > 0) buffer[at++] = pending & 255
    buffer.fill(0, at, end)
    this.#length = end
  }

  #varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#buffer[this.#length++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#buffer[this.#length++] = rest
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe((this.#length + length) * 2)
    larger.set(this.bytes())
    this.#buffer = larger
  }
}
