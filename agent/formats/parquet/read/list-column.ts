import { TaskFailure } from '../../../copy/failure.ts'
import { ByteBuffer } from '../write/byte-buffer.ts'
import type { EncodedRows } from './encoded-column.ts'
import type { FieldCodec } from './field-parts.ts'
import type { DecodedPage, PageReader } from './page-reader.ts'

/** Definition levels of a list column: what each of them means. */
export type ListLevels = {
  /** A value; one less is a NULL element where elements may be NULL. */
  value: number
  elementsAreOptional: boolean
  /** An empty list; below it the list itself is NULL. */
  empty: number
}

const fieldRoom = 64

/** Turns the entries of a list column into binary arrays of one dimension. A row may go on in the next page. */
export class ListReader {
  readonly #pages: PageReader
  readonly #codec: FieldCodec
  readonly #levels: ListLevels
  readonly #elementOid: number
  #out = new ByteBuffer()
  #starts: number[] = []
  #lengths: number[] = []
  /** The row that is open: where it begins, its elements so far, whether one is NULL. */
  #open: { start: number; count: number; hasNull: boolean } | null = null
  #isDone = false

  constructor(
    pages: PageReader,
    { codec, elementOid }: { codec: FieldCodec; elementOid: number },
    levels: ListLevels,
  ) {
    this.#pages = pages
    this.#codec = codec
    this.#levels = levels
    this.#elementOid = elementOid
  }

  /** Rows that are complete: at least one, except past the end of the chunk. */
  async next(): Promise<EncodedRows> {
    this.#restart()
    while (this.#lengths.length === 0) {
      if (this.#isDone)
        throw new TaskFailure('invalid_data', 'a Parquet column has fewer rows than its row group')
      const page = await this.#pages.next()
      if (page) this.#take(page)
      else {
        this.#isDone = true
        this.#closeRow()
      }
    }
    const starts = Int32Array.from(this.#starts)
    return { view: this.#out.view, starts, lengths: Int32Array.from(this.#lengths) }
  }

  /** Keeps the open row, drops what was handed out. */
  #restart(): void {
    const before = this.#out
    this.#starts = []
    this.#lengths = []
    this.#out = new ByteBuffer()
    if (!this.#open) return
    const length = before.length - this.#open.start
    this.#out.reserve(length)
    this.#out.append(before.view, this.#open.start, length)
    this.#open.start = 0
  }

  #take({ entryCount, repetitions, definitions, values }: DecodedPage): void {
    const { value, empty, elementsAreOptional } = this.#levels
    let dense = 0
    for (let entry = 0; entry < entryCount; entry++) {
      const definition = definitions ? (definitions[entry] ?? 0) : value
      if (!repetitions || repetitions[entry] === 0) {
        this.#closeRow()
        if (definition < empty) this.#nullRow()
        else this.#openRow()
      }
      if (definition <= empty || !this.#open) continue
      this.#open.count++
      this.#out.reserve(fieldRoom)
      const at = this.#out.length
      this.#out.length += 4
      if (definition === value) {
        this.#codec.encode(values, dense++, this.#out)
        this.#out.view.setInt32(at, this.#out.length - at - 4)
      } else if (elementsAreOptional) {
        this.#open.hasNull = true
        this.#out.view.setInt32(at, -1)
      }
    }
  }

  #nullRow(): void {
    this.#starts.push(this.#out.length)
    this.#lengths.push(-1)
  }

  /** Array header: dimensions, flags, element type, then size and lower bound of the dimension (arrayfuncs.c, array_send). */
  #openRow(): void {
    this.#open = { start: this.#out.length, count: 0, hasNull: false }
    this.#out.reserve(20)
    this.#out.length += 20
  }

  #closeRow(): void {
    const row = this.#open
    if (!row) return
    const { view } = this.#out
    if (row.count === 0) this.#out.length = row.start + 12
    view.setInt32(row.start, row.count === 0 ? 0 : 1)
    view.setInt32(row.start + 4, row.hasNull ? 1 : 0)
    view.setInt32(row.start + 8, this.#elementOid)
    if (row.count > 0) {
      view.setInt32(row.start + 12, row.count)
      view.setInt32(row.start + 16, 1)
    }
    this.#starts.push(row.start)
    this.#lengths.push(this.#out.length - row.start)
    this.#open = null
  }
}
