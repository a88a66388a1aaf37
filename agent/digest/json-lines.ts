import { markLength } from './byte-order-mark.ts'
import { Patience } from './patience.ts'
import type { RowDigest } from './row-digest.ts'
import { type DigestExports, digestFrom, wasmInstance, type WasmU32 } from './wasm-instance.ts'

type Exports = DigestExports & {
  namesAt(): number
  selectionAt(): number
  reserveNames(size: number): number
  reserve(inputSize: number, outputSize: number): number
  outputAt(): number
  setGrowth(times: number): void
  configure(how: number, knownCount: number, selectedCount: number, strict: number): void
  decode(length: number): number
  outputLength: WasmU32
  problem: WasmU32
}

/** Binary tuples of the raw JSON values (for the digest only), CSV records, CopyData messages of binary tuples of text. */
const outputs = ['values', 'csv', 'tuples'] as const
/** What a column takes of a value: its text, a PostgreSQL array, JSON text, an array of JSON texts. */
export const valueForms = ['text', 'array', 'json', 'json array'] as const
export type ValueForm = (typeof valueForms)[number]

export type JsonLinesOptions = {
  /** All keys that lines may have. */
  names: readonly string[]
  /** Columns of the output: a known key and what its value becomes. */
  select: readonly { name: string; form: ValueForm }[]
  output: (typeof outputs)[number]
  /** A key that is not known is refused instead of left out. */
  isStrict: boolean
  /** The text is a file from its beginning, where a byte order mark may stand. */
  isFileStart?: boolean
}

/** What is wrong with a line, by its number: never its contents. */
export class JsonLineError extends Error {
  override readonly name = 'JsonLineError'
}

const problems: Record<number, string> = {
  1: 'is not one JSON object',
  2: 'has a key that the beginning of the file does not have, and that no mapping names',
  3: 'has text that PostgreSQL cannot hold (a NUL, or half of a surrogate pair)',
}
const firstWindowBytes = 256 << 10
/** PostgreSQL's largest field is 1 GB; its escapes need several times the room here. */
export const maxLineBytes = 128 << 20

/** Cuts JSON lines into rows, digests them, and hands them on in the wanted form. */
export class JsonLines {
  readonly #wasm = wasmInstance<Exports>('json-lines')
  readonly #options: JsonLinesOptions
  readonly #growth: number
  #memory = Buffer.alloc(0)
  #input = 0
  #windowBytes = firstWindowBytes
  #kept = 0
  readonly #patience = new Patience()
  #position = 0
  #isStarted: boolean

  constructor(options: JsonLinesOptions) {
    this.#options = options
    this.#isStarted = options.isFileStart !== true
    const { names, select, output, isStrict } = options
    const indexes = select.map(({ name }) => names.indexOf(name))
    const times = Math.max(1, ...indexes.map((index) => indexes.filter((other) => other === index).length))
    this.#growth = 6 * times
    const bytes = names.map((name) => Buffer.from(name))
    const namesAt = this.#wasm.reserveNames(bytes.reduce((sum, { length }) => sum + length, 0))
    this.#wasm.configure(outputs.indexOf(output), names.length, select.length, Number(isStrict))
    this.#wasm.setGrowth(this.#growth)
    this.#reserve()
    bytes.reduce((at, name, index) => {
      this.#memory.set(name, at)
      this.#memory.writeUInt32LE(at, this.#wasm.namesAt() + index * 8)
      this.#memory.writeUInt32LE(name.length, this.#wasm.namesAt() + index * 8 + 4)
      return at + name.length
    }, namesAt)
    select.forEach(({ form }, index) => {
      this.#memory.writeUInt32LE(indexes[index] ?? 0, this.#wasm.selectionAt() + index * 8)
      this.#memory.writeUInt32LE(valueForms.indexOf(form), this.#wasm.selectionAt() + index * 8 + 4)
    })
  }

  /** Takes the next piece of text and calls `take` with what came out; those bytes are only valid during the call. */
  push(text: Uint8Array, take: (bytes: Uint8Array) => void): void {
    const start = this.#isStarted ? 0 : markLength(text)
    this.#isStarted = true
    this.#position += start
    for (let rest = text.subarray(start); rest.length > 0;) {
      const piece = rest.subarray(0, this.#windowBytes - this.#kept)
      this.#memory.set(piece, this.#input + this.#kept)
      this.#kept += piece.length
      rest = rest.subarray(piece.length)
      if (!this.#patience.isOver(this.#kept, this.#windowBytes)) continue
      this.#process(take)
      this.#patience.begin(this.#kept)
      if (this.#kept === this.#windowBytes) this.#grow()
    }
  }

  end(take: (bytes: Uint8Array) => void): void {
    if (this.#kept > 0) this.push(Buffer.from('\n'), take)
    if (this.#kept > 0) this.#process(take)
  }

  get position(): number {
    return this.#position
  }

  digest(): RowDigest {
    return digestFrom(this.#wasm)
  }

  #process(take: (bytes: Uint8Array) => void): void {
    for (;;) {
      const consumed = this.#wasm.decode(this.#kept)
      const length = this.#wasm.outputLength.value
      const at = this.#wasm.outputAt()
      if (length > 0) take(this.#memory.subarray(at, at + length))
      this.#memory.copyWithin(this.#input, this.#input + consumed, this.#input + this.#kept)
      this.#kept -= consumed
      this.#position += consumed
      const problem = problems[this.#wasm.problem.value]
      if (problem !== undefined) throw new JsonLineError(`row ${this.digest().rows + 1n} ${problem}`)
      if (this.#kept === 0 || consumed === 0) return
    }
  }

  #grow(): void {
    if (this.#windowBytes >= maxLineBytes)
      throw new JsonLineError(`row ${this.digest().rows + 1n} is longer than ${maxLineBytes >> 20} MB`)
    this.#windowBytes *= 2
    this.#reserve()
  }

  #reserve(): void {
    const outputBytes = this.#windowBytes * this.#growth + this.#options.select.length * 8 + 4096
    this.#input = this.#wasm.reserve(this.#windowBytes, outputBytes)
    this.#memory = Buffer.from(this.#wasm.memory.buffer)
  }
}
