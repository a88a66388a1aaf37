import { markLength } from './byte-order-mark.ts'
import { Patience } from './patience.ts'
import type { RowDigest } from './row-digest.ts'
import { type DigestExports, digestFrom, wasmInstance, type WasmU32 } from './wasm-instance.ts'

type Exports = DigestExports & {
  nullTextAt(): number
  selectionAt(): number
  maxColumns(): number
  configure(
    how: number,
    marks: number,
    columnCount: number,
    selectedCount: number,
    nullBytes: number,
    digested: number,
  ): void
  skipRecords(count: number): void
  reserve(inputSize: number, outputSize: number, scratchSize: number): number
  outputAt(): number
  process(length: number, isLast: number): number
  outputLength: WasmU32
  wrongFields: WasmU32
  blankLength: WasmU32
  isUnterminated: WasmU32
}

/** The records as they are; the selected fields as CSV; the selected fields as CopyData messages of binary tuples of text. */
const outputs = ['raw', 'csv', 'tuples'] as const
/** The records as they come out; or, whatever comes out, the selected fields' texts as COPY sends them: in binary form, as text. */
const digests = ['output', 'tuples', 'text'] as const

export type CsvRecordsOptions = {
  delimiter: string
  quote: string
  /** Unquoted text that means NULL. */
  nullText: string
  /** Fields per record: others are refused, except in raw form, where the server sees to it. */
  columns: number
  output: (typeof outputs)[number]
  /** What is digested. */
  digest?: (typeof digests)[number]
  /** Selected fields by their place in the record; in raw form they only count for the digest. */
  select?: readonly number[]
  /** Records to pass over first. */
  skip?: number
  /** The text is a file from its beginning: a byte order mark there is no part of the first field. */
  isFileStart?: boolean
}

/** What is wrong with CSV text, by the number of the record: never its contents. */
export class CsvError extends Error {
  override readonly name = 'CsvError'
}

/** Bytes to scan at a time. A longer record makes the window grow. */
const firstWindowBytes = 256 << 10
/** PostgreSQL's largest field is 1 GB; a record that long is a quote that nobody closed. */
export const maxRecordBytes = 1 << 30

/** Cuts CSV text into records as PostgreSQL would, digests them, and hands them on in the wanted form. */
export class CsvRecords {
  readonly #wasm = wasmInstance<Exports>('csv-records')
  readonly #options: CsvRecordsOptions
  #memory = Buffer.alloc(0)
  #input = 0
  #windowBytes = firstWindowBytes
  /** Bytes of an unfinished record at the window's start. */
  #kept = 0
  readonly #patience = new Patience()
  #isStarted: boolean
  /** Bytes of text behind which the last whole record ends. */
  #position = 0

  constructor(options: CsvRecordsOptions) {
    this.#options = options
    this.#isStarted = options.isFileStart !== true
    const { delimiter, quote, nullText, columns, select = [], output, digest = 'output', skip = 0 } = options
    const marks = oneByte(delimiter) | (oneByte(quote) << 8)
    const nullBytes = Buffer.from(nullText)
    if (columns > this.#wasm.maxColumns() || select.length > this.#wasm.maxColumns())
      throw new CsvError('there are more columns than a table can have')
    const form = [outputs.indexOf(output), marks, columns, select.length, nullBytes.length] as const
    this.#wasm.configure(...form, digests.indexOf(digest))
    this.#wasm.skipRecords(skip)
    this.#reserve()
    this.#memory.set(nullBytes, this.#wasm.nullTextAt())
    select.forEach((field, index) => this.#memory.writeUInt32LE(field, this.#wasm.selectionAt() + index * 4))
  }

  /** Takes the next piece of text and calls `take` with what came out; those bytes are only valid during the call. */
  push(text: Uint8Array, take: (bytes: Uint8Array) => void): void {
    let rest = this.#isStarted ? text : this.#withoutMark(text)
    this.#isStarted = true
    while (rest.length > 0) {
      const room = this.#windowBytes - this.#kept
      const piece = rest.subarray(0, room)
      this.#memory.set(piece, this.#input + this.#kept)
      this.#kept += piece.length
      rest = rest.subarray(piece.length)
      if (!this.#patience.isOver(this.#kept, this.#windowBytes)) continue
      this.flush(take)
      if (this.#kept === this.#windowBytes) this.#grow()
    }
  }

  /** Hands on what is whole, though more may follow. */
  flush(take: (bytes: Uint8Array) => void): void {
    this.#process(false, take)
    this.#patience.begin(this.#kept)
  }

  /** The text is over: what is left is the last record, or a mistake. */
  end(take: (bytes: Uint8Array) => void): void {
    // A last record without a line end gets one, so that records of another file may follow.
    if (this.#kept > 0 && this.#memory[this.#input + this.#kept - 1] !== 0x0a)
      this.push(Buffer.from('\n'), take)
    this.#process(true, take)
    if (this.#wasm.isUnterminated.value !== 0)
      throw new CsvError(
        `the text ends inside quotes that begin in or after record ${this.digest().rows + 1n}`,
      )
  }

  /** Whether the text so far ends in the middle of a record; after a `flush`. */
  get isInRecord(): boolean {
    return this.#kept > 0
  }

  get position(): number {
    return this.#position
  }

  digest(): RowDigest {
    return digestFrom(this.#wasm)
  }

  #process(isLast: boolean, take: (bytes: Uint8Array) => void): void {
    for (;;) {
      const consumed = this.#wasm.process(this.#kept, Number(isLast))
      const blank = this.#wasm.blankLength.value
      this.#emit(take)
      this.#drop(consumed + blank)
      if (this.#wasm.wrongFields.value !== 0) throw this.#wrongFields()
      if (this.#kept === 0 || consumed + blank === 0) return
    }
  }

  #emit(take: (bytes: Uint8Array) => void): void {
    const length = this.#wasm.outputLength.value
    if (length === 0) return
    const at = this.#options.output === 'raw' ? this.#input : this.#wasm.outputAt()
    take(this.#memory.subarray(at, at + length))
  }

  #drop(length: number): void {
    this.#memory.copyWithin(this.#input, this.#input + length, this.#input + this.#kept)
    this.#kept -= length
    this.#position += length
  }

  #wrongFields(): CsvError {
    const { columns } = this.#options
    const record = this.digest().rows + 1n
    return new CsvError(`record ${record} has ${this.#wasm.wrongFields.value} fields instead of ${columns}`)
  }

  #grow(): void {
    if (this.#windowBytes >= maxRecordBytes)
      throw new CsvError(`record ${this.digest().rows + 1n} is longer than 1 GB: a quote is not closed`)
    this.#windowBytes *= 2
    this.#reserve()
  }

  /** Room for one window of text and for whatever becomes of the longest record in it. */
  #reserve(): void {
    const { output, digest, select = [] } = this.#options
    const times = Math.max(0, ...select.map((field) => select.filter((other) => other === field).length))
    const recordBytes = this.#windowBytes * Math.max(1, times) + select.length * 4 + 4096
    // Each byte of a text may need a backslash before it.
    const scratchBytes = { output: 0, tuples: recordBytes, text: recordBytes * 2 }[digest ?? 'output']
    this.#input = this.#wasm.reserve(this.#windowBytes, output === 'raw' ? 0 : recordBytes, scratchBytes)
    this.#memory = Buffer.from(this.#wasm.memory.buffer)
  }

  #withoutMark(text: Uint8Array): Uint8Array {
    const length = markLength(text)
    this.#position += length
    return text.subarray(length)
  }
}

function oneByte(mark: string): number {
  const code = mark.charCodeAt(0)
  if (mark.length !== 1 || code > 127) throw new CsvError('delimiter and quote must be one ASCII character')
  return code
}
