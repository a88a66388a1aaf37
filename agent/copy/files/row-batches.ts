import type { BareRows } from '../../digest/copy-frame-scanner.ts'

/** Encoders work best on batches of this size; a single row may be larger. */
const batchBytes = 512 * 1024

/** Collects rows, which arrive cut anywhere, to batches of whole ones. */
export class RowBatches {
  #buffer = Buffer.allocUnsafeSlow(batchBytes * 2)
  #length = 0
  /** End of the last whole row. */
  #whole = 0

  get isFull(): boolean {
    return this.#whole >= batchBytes
  }

  readonly add = ({ bytes, whole }: BareRows): void => {
    const needed = this.#length + bytes.length
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    this.#buffer.set(bytes, this.#length)
    if (whole > 0) this.#whole = this.#length + whole
    this.#length = needed
  }

  /** Hands the whole rows on; what is left of a cut row stays. */
  async flush(write: (rows: Uint8Array) => Promise<void>): Promise<void> {
    if (this.#whole === 0) return
    await write(this.#buffer.subarray(0, this.#whole))
    this.#buffer.copyWithin(0, this.#whole, this.#length)
    this.#length -= this.#whole
    this.#whole = 0
  }
}
