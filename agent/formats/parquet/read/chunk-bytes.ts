/** Reads a range of the file. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>

/** A column chunk that is not in memory yet is read in windows of this size. */
const windowBytes = 1 << 20

/** The bytes of one column chunk from the front, read ahead by windows; a page is always handed out as a whole. */
export class ChunkBytes {
  readonly #read: ReadRange
  readonly #end: number
  #next: number
  #window: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(read: ReadRange, { start, end }: { start: number; end: number }) {
    this.#read = read
    this.#next = start
    this.#end = end
  }

  get remaining(): number {
    return this.#end - this.#next + this.#window.length - this.#at
  }

  /** At least `length` bytes, or as many as are left, without passing over them. */
  async peek(length: number): Promise<Uint8Array> {
    const available = this.#window.length - this.#at
    const missing = Math.min(length - available, this.#end - this.#next)
    if (missing > 0) {
      const more = await this.#read(
        this.#next,
        Math.min(Math.max(missing, windowBytes), this.#end - this.#next),
      )
      this.#next += more.length
      const rest = this.#window.subarray(this.#at)
      this.#window = rest.length ? Buffer.concat([rest, more]) : more
      this.#at = 0
    }
    return this.#window.subarray(this.#at)
  }

  skip(length: number): void {
    this.#at += length
  }
}
