import type { NewFile, RowEncoder } from '../../copy/files/row-format.ts'
import { RowTooLong } from '../../copy/files/row-too-long.ts'
import { maxRecordBytes } from '../../digest/csv-records.ts'
import { wasmInstance } from '../../digest/wasm-instance.ts'
import { createTextWriter, type TextWriter } from '../text/text-writer.ts'
import { csvHeader, csvOptionsOf } from './csv-options.ts'

type Exports = {
  nullTextAt(): number
  configure(marks: number, nullBytes: number, columnCount: number): void
  reserve(inputSize: number, outputSize: number): number
  outputAt(): number
  largestOutput(length: number): number
  encode(length: number): number
}

/** Writes rows of COPY's text format as the CSV that the server would write, behind a header, compressed on the way. */
export class CsvEncoder implements RowEncoder {
  readonly #wasm = wasmInstance<Exports>('text-csv')
  readonly #writer: TextWriter
  #memory: Buffer
  #input = 0
  #room = { input: 0, output: 0 }
  #header: Buffer | null

  constructor({ options, columns, write }: NewFile) {
    this.#writer = createTextWriter(options.compression ?? 'none', write)
    const csv = csvOptionsOf(options.csv)
    const marks = csv.delimiter.charCodeAt(0) | (csv.quote.charCodeAt(0) << 8)
    const nullText = Buffer.from(csv.nullText)
    const names = columns.map(({ name }) => name)
    this.#header = csv.header ? Buffer.from(csvHeader(names, csv)) : null
    this.#wasm.configure(marks, nullText.length, columns.length)
    this.#memory = Buffer.from(this.#wasm.memory.buffer)
    this.#memory.set(nullText, this.#wasm.nullTextAt())
  }

  async write(rows: Uint8Array): Promise<void> {
    await this.#writeHeader()
    this.#reserve(rows.length, this.#room.output)
    this.#memory.set(rows, this.#input)
    this.#reserve(this.#room.input, this.#wasm.largestOutput(rows.length))
    const length = this.#wasm.encode(rows.length)
    if (length > maxRecordBytes) throw new RowTooLong('a row of CSV may have 1 GB')
    const at = this.#wasm.outputAt()
    await this.#writer.write(this.#memory.subarray(at, at + length))
  }

  async finish(): Promise<void> {
    await this.#writeHeader()
    await this.#writer.finish()
  }

  async #writeHeader(): Promise<void> {
    const header = this.#header
    this.#header = null
    if (header) await this.#writer.write(header)
  }

  #reserve(input: number, output: number): void {
    if (input <= this.#room.input && output <= this.#room.output) return
    this.#room = { input: Math.max(input, this.#room.input), output: Math.max(output, this.#room.output) }
    this.#input = this.#wasm.reserve(this.#room.input, this.#room.output)
    this.#memory = Buffer.from(this.#wasm.memory.buffer)
  }
}
