import type { FileReader } from '../../connectors/connector.ts'
import type { FileRead, RowChunk, RowStream } from '../../copy/files/row-format.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { CsvError, CsvRecords } from '../../digest/csv-records.ts'
import type { RowDigest } from '../../digest/row-digest.ts'
import { readText } from '../text/decompress.ts'
import { SpareBuffers } from '../text/spare-buffers.ts'
import { readCsvHead } from './csv-columns.ts'
import { csvOptionsOf } from './csv-options.ts'
import { digestOf } from './sent-csv.ts'

/** The records of a CSV file on their way to COPY: as they are, cut to the mapped fields, or as binary tuples of text. */
export class CsvRowStream implements RowStream {
  readonly #reader: FileReader
  readonly #read: FileRead
  readonly #buffers = new SpareBuffers()
  readonly #records: CsvRecords

  private constructor(reader: FileReader, read: FileRead, records: CsvRecords) {
    this.#reader = reader
    this.#read = read
    this.#records = records
  }

  static async open(reader: FileReader, read: FileRead): Promise<CsvRowStream> {
    const options = csvOptionsOf(read.options.csv)
    const { columns } = await readCsvHead(reader, options)
    const select = read.plan.columns.map(({ name }) => columns.findIndex((column) => column.name === name))
    const isUntouched = select.length === columns.length && select.every((field, index) => field === index)
    const asText = isUntouched ? 'raw' : 'csv'
    const output = read.plan.copyFormat === 'binary' ? 'tuples' : asText
    const isFileStart = read.start === 0
    const skip = options.header && isFileStart ? 1 : 0
    const digest = digestOf(read.plan)
    const layout = { columns: columns.length, output, digest, select } as const
    return new CsvRowStream(reader, read, new CsvRecords({ ...options, ...layout, skip, isFileStart }))
  }

  async *chunks(signal: AbortSignal): AsyncGenerator<RowChunk> {
    const { start, end } = this.#read
    for await (const text of readText(this.#reader, start, end)) {
      signal.throwIfAborted()
      yield* this.#take((take) => this.#records.push(text, take))
    }
    yield* this.#take((take) => this.#records.flush(take))
    if (end < this.#reader.entry.sizeBytes && this.#records.isInRecord) throw this.#isNoStart(end)
    yield* this.#take((take) => this.#records.end(take))
  }

  done(bytes: Uint8Array): void {
    this.#buffers.giveBack(bytes)
  }

  digest(): RowDigest {
    return this.#records.digest()
  }

  *#take(work: (take: (bytes: Uint8Array) => void) => void): Generator<RowChunk> {
    const ready: Buffer[] = []
    const isBinary = this.#read.plan.copyFormat === 'binary' // then the records are messages already
    try {
      work((bytes) => void ready.push(this.#buffers.copyData(bytes, isBinary)))
    } catch (error) {
      throw error instanceof CsvError ? this.#invalid(error) : error
    }
    const position = this.#read.start + this.#records.position
    for (const [index, bytes] of ready.entries())
      yield { bytes, position: index === ready.length - 1 ? position : null }
  }

  /** What was taken for the beginning of a record is none: the part that begins there reads nonsense, this one tells. */
  #isNoStart(position: number): TaskFailure {
    return new TaskFailure(
      'invalid_data',
      `File “${this.#reader.entry.path}” cannot be read in parallel: what looked like the beginning of a row, at byte ${position}, lies inside of quotes. Set “Parts at once” to 1 and run it again.`,
      { side: 'source' },
    )
  }

  #invalid(error: CsvError): TaskFailure {
    const since = this.#read.start > 0 ? ` (counted from byte ${this.#read.start})` : ''
    return new TaskFailure('invalid_data', `File “${this.#reader.entry.path}”: ${error.message}${since}.`, {
      side: 'source',
    })
  }
}
