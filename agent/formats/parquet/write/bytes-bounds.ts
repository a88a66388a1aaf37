import type { Bounds } from './values.ts'

/** Longer bounds are left out: they would bloat the footer and prune nothing. */
const maxBoundBytes = 256

/** Least and greatest byte string of a column so far: unsigned bytewise, or as signed big-endian integers. */
export class BytesBounds {
  readonly #fixedLength: number | undefined
  readonly #isSigned: boolean
  #min: Buffer | null = null
  #max: Buffer | null = null

  constructor({ fixedLength, isSigned }: { fixedLength?: number; isSigned: boolean }) {
    this.#fixedLength = fixedLength
    this.#isSigned = isSigned
  }

  /** Values as in a PLAIN page. */
  includePage(page: Buffer): void {
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
    let min = this.#min
    let max = this.#max
    let at = 0
    while (at < page.length) {
      const length = this.#fixedLength ?? view.getInt32(at, true)
      if (this.#fixedLength === undefined) at += 4
      if (!min || this.#compare(min, page, { at, length }) > 0) min = page.subarray(at, at + length)
      if (!max || this.#compare(max, page, { at, length }) < 0) max = page.subarray(at, at + length)
      at += length
    }
    // Copies, so that two short values do not keep a page alive.
    if (min !== this.#min) this.#min = min && Buffer.from(min)
    if (max !== this.#max) this.#max = max && Buffer.from(max)
  }

  take(): Bounds | null {
    const [min, max] = [this.#min, this.#max]
    this.#min = this.#max = null
    if (!min || !max || min.length > maxBoundBytes || max.length > maxBoundBytes) return null
    return { min, max }
  }

  /** Below zero where the bound is the lesser. */
  #compare(bound: Buffer, page: Buffer, { at, length }: { at: number; length: number }): number {
    const shared = Math.min(length, bound.length)
    for (let index = 0; index < shared; index++) {
      const left = bound[index] ?? 0
      const right = page[at + index] ?? 0
      if (left === right) continue
      // The sign bit turns the order of the first byte around.
      return this.#isSigned && index === 0 && (left ^ right) & 0x80 ? right - left : left - right
    }
    return bound.length - length
  }
}
