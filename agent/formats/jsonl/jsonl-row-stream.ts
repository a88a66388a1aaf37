import type { FileReader } from '../../connectors/connector.ts'
import type { FileRead, RowChunk, RowStream } from '../../copy/files/row-format.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { JsonLineError, JsonLines, valueForms } from '../../digest/json-lines.ts'
import type { RowDigest } from '../../digest/row-digest.ts'
import { readText } from '../text/decompress.ts'
import { SpareBuffers } from '../text/spare-buffers.ts'
import { readJsonlHead } from './jsonl-columns.ts'

/** The objects of a JSON lines file on their way to COPY, as CSV records or as binary tuples of text. */
export class JsonlRowStream implements RowStream {
  readonly #reader: FileReader
  readonly #read: FileRead
  readonly #buffers = new SpareBuffers()
  readonly #lines: JsonLines

  private constructor(reader: FileReader, read: FileRead, lines: JsonLines) {
    this.#reader = reader
    this.#read = read
    this.#lines = lines
  }

  static async open(reader: FileReader, read: FileRead): Promise<JsonlRowStream> {
    const { columns, copyFormat } = read.plan
    const seen = (await readJsonlHead(reader)).columns.map(({ name }) => name)
    const names = [...new Set([...columns.map(({ name }) => name), ...seen])]
    const select = columns.map(({ name, form }) => ({
      name,
      form: valueForms.find((each) => each === form) ?? 'text',
    }))
    const output = copyFormat === 'binary' ? 'tuples' : 'csv'
    const isFileStart = read.start === 0
    const lines = new JsonLines({ names, select, output, isStrict: true, isFileStart })
    return new JsonlRowStream(reader, read, lines)
  }

  async *chunks(signal: AbortSignal): AsyncGenerator<RowChunk> {
    const { start, end } = this.#read
    for await (const text of readText(this.#reader, start, end)) {
      signal.throwIfAborted()
      yield* this.#take((take) => this.#lines.push(text, take))
    }
    yield* this.#take((take) => this.#lines.end(take))
  }

  done(bytes: Uint8Array): void {
    this.#buffers.giveBack(bytes)
  }

  digest(): RowDigest {
    return this.#lines.digest()
  }

  *#take(work: (take: (bytes: Uint8Array) => void) => void): Generator<RowChunk> {
    const ready: Buffer[] = []
    const isBinary = this.#read.plan.copyFormat === 'binary' // then the rows are messages already
    try {
      work((bytes) => void ready.push(this.#buffers.copyData(bytes, isBinary)))
    } catch (error) {
      if (!(error instanceof JsonLineError)) throw error
      const since = this.#read.start > 0 ? ` (counted from byte ${this.#read.start})` : ''
      throw new TaskFailure('invalid_data', `File “${this.#reader.entry.path}”: ${error.message}${since}.`, {
        side: 'source',
      })
    }
    const position = this.#read.start + this.#lines.position
    for (const [index, bytes] of ready.entries())
      yield { bytes, position: index === ready.length - 1 ? position : null }
  }
}
