import { Patience } from './patience.ts'
import type { RowDigest } from './row-digest.ts'
import { type DigestExports, digestFrom, wasmInstance } from './wasm-instance.ts'

type Exports = DigestExports & {
  reserve(inputSize: number): number
  process(length: number): number
}

/** Bytes to scan at a time. A longer row makes the window grow. */
const firstWindowBytes = 256 << 10

/** Digests the rows of `COPY … TO STDOUT (FORMAT text)` as binary tuples of their fields' texts. */
export class TextRows {
  readonly #wasm = wasmInstance<Exports>('text-rows')
  #windowBytes = firstWindowBytes
  #input = this.#wasm.reserve(firstWindowBytes)
  #memory = Buffer.from(this.#wasm.memory.buffer)
  /** Bytes of an unfinished row at the window's start. */
  #kept = 0
  readonly #patience = new Patience()

  /** The next rows, without their message headers, cut wherever they were. */
  push(rows: Uint8Array): void {
    let rest = rows
    while (rest.length > 0) {
      const piece = rest.subarray(0, this.#windowBytes - this.#kept)
      rest = rest.subarray(piece.length)
      this.#memory.set(piece, this.#input + this.#kept)
      this.#kept += piece.length
      if (!this.#patience.isOver(this.#kept, this.#windowBytes)) continue
      this.#process()
      if (this.#kept === this.#windowBytes) this.#grow()
    }
  }

  digest(): RowDigest {
    this.#process()
    return digestFrom(this.#wasm)
  }

  #process(): void {
    const whole = this.#wasm.process(this.#kept)
    this.#memory.copyWithin(this.#input, this.#input + whole, this.#input + this.#kept)
    this.#kept -= whole
    this.#patience.begin(this.#kept)
  }

  #grow(): void {
    this.#windowBytes *= 2
    this.#input = this.#wasm.reserve(this.#windowBytes)
    this.#memory = Buffer.from(this.#wasm.memory.buffer)
  }
}
