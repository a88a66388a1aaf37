/** Copies longer than this are left to the engine's own memmove. */
const shortCopy = 48

const firstBytes = 4096
/** Beyond what pages of ordinary values take: such a buffer is given away, instead of copied and kept for the next. */
const lentBytes = 4 << 20

/** Bytes that grow at the end, with a view over them. */
export class ByteBuffer {
  bytes = Buffer.allocUnsafeSlow(firstBytes)
  view = new DataView(this.bytes.buffer)
  length = 0

  reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  /** Appends bytes from `view`; the room must have been reserved. Short values are copied without a call. */
  append(view: DataView, at: number, length: number): void {
    if (length > shortCopy) {
      this.bytes.set(new Uint8Array(view.buffer, view.byteOffset + at, length), this.length)
    } else {
      const to = this.length
      const words = length & ~3
      for (let index = 0; index < words; index += 4) this.view.setInt32(to + index, view.getInt32(at + index))
      for (let index = words; index < length; index++)
        this.view.setUint8(to + index, view.getUint8(at + index))
    }
    this.length += length
  }

  /** The bytes so far, as the caller's own; starts again. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length)
    this.length = 0
    if (taken.length < lentBytes) return Buffer.from(taken)
    this.bytes = Buffer.allocUnsafeSlow(firstBytes)
    this.view = new DataView(this.bytes.buffer)
    return taken
  }
}
