import type { NewFile, RowEncoder } from '../../copy/files/row-format.ts'
import { createTextWriter, type TextWriter } from '../text/text-writer.ts'
import { csvHeader, csvOptionsOf } from './csv-options.ts'

/** Writes the server's own CSV as it came, behind a header, compressed on the way. */
export class CsvEncoder implements RowEncoder {
  readonly #file: NewFile
  readonly #writer: TextWriter
  #hasHeader = false

  constructor(file: NewFile) {
    this.#file = file
    this.#writer = createTextWriter(file.options.compression ?? 'none', file.write)
  }

  async write(rows: Uint8Array): Promise<void> {
    await this.#header()
    await this.#writer.write(rows)
  }

  async finish(): Promise<void> {
    await this.#header()
    await this.#writer.finish()
  }

  async #header(): Promise<void> {
    if (this.#hasHeader) return
    this.#hasHeader = true
    const options = csvOptionsOf(this.#file.options.csv)
    if (!options.header) return
    const names = this.#file.columns.map(({ name }) => name)
    await this.#writer.write(Buffer.from(csvHeader(names, options)))
  }
}
