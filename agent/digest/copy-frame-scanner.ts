import type { RowDigest } from './row-digest.ts'
import { type DigestExports, digestFrom, wasmInstance, type WasmU32 } from './wasm-instance.ts'

type Exports = DigestExports & {
  windowAt(): number
  windowSize(): number
  outputAt(): number
  begin(binary: number, fresh: number, compacting: number): void
  scan(length: number): number
  compacted: WasmU32
  wholeRowsEnd: WasmU32
}

/** Rows without their message headers. `whole` of the bytes are complete rows; the view is valid until the next scan. */
export type BareRows = { bytes: Uint8Array; whole: number }

/** Digests the rows of `COPY … TO STDOUT` as they pass, in whatever pieces the network delivers them. */
export class CopyFrameScanner {
  readonly #wasm = wasmInstance<Exports>('copy-frames')
  readonly #memory = new Uint8Array(this.#wasm.memory.buffer)
  readonly #window = this.#wasm.windowAt()
  readonly #windowSize = this.#wasm.windowSize()
  readonly #output = this.#wasm.outputAt()
  readonly #isBinary: boolean
  readonly #onRows: ((rows: BareRows) => void) | null

  /** With `onRows` the rows themselves are handed on, freed of their message headers and of COPY's header and trailer. */
  constructor(format: 'binary' | 'text' | 'csv', onRows: ((rows: BareRows) => void) | null = null) {
    this.#isBinary = format === 'binary'
    this.#onRows = onRows
    this.#begin(true)
  }

  /** The next bytes belong to a new COPY; the digest goes on. */
  nextCopy(): void {
    this.#begin(false)
  }

  /** Forgets all rows seen so far. */
  reset(): void {
    this.#begin(true)
  }

  /** Takes the chunk's leading CopyData messages, whole or in pieces, and returns how many bytes they are: another message follows. */
  scan(chunk: Uint8Array): number {
    for (let offset = 0; offset < chunk.length; offset += this.#windowSize) {
      const piece = chunk.subarray(offset, offset + this.#windowSize)
      this.#memory.set(piece, this.#window)
      const taken = this.#wasm.scan(piece.length)
      if (this.#onRows) this.#emit(this.#onRows)
      if (taken < piece.length) return offset + taken
    }
    return chunk.length
  }

  digest(): RowDigest {
    return digestFrom(this.#wasm)
  }

  #begin(fresh: boolean): void {
    this.#wasm.begin(Number(this.#isBinary), Number(fresh), Number(this.#onRows !== null))
  }

  #emit(onRows: (rows: BareRows) => void): void {
    const length = this.#wasm.compacted.value
    if (length === 0) return
    const bytes = this.#memory.subarray(this.#output, this.#output + length)
    onRows({ bytes, whole: this.#wasm.wholeRowsEnd.value })
  }
}
