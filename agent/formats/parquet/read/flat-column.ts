import { TaskFailure } from '../../../copy/failure.ts'
import { ByteBuffer } from '../write/byte-buffer.ts'
import type { DenseValues } from './dense-values.ts'
import { type FieldColumn, writeBytesField } from './field-column.ts'
import type { FastPath, FieldCodec } from './field-parts.ts'
import { farTime } from './time-codec.ts'
import type { DecodedPage, PageReader } from './page-reader.ts'

/** Room that a codec may use beside the value's own bytes. */
const fieldRoom = 64
type Dense = { values: DenseValues; from: number }

/** A column without nesting: words and byte strings go straight from the page into the tuples. */
export class FlatColumn implements FieldColumn {
  readonly #pages: PageReader
  readonly #codec: FieldCodec
  #page: DecodedPage | null = null
  #row = 0
  #value = 0
  /** Fields that had to be encoded, until they are emitted. */
  readonly #encoded = new ByteBuffer()
  #encodedFields: DenseValues = emptyFields

  constructor(pages: PageReader, codec: FieldCodec) {
    this.#pages = pages
    this.#codec = codec
  }

  get available(): number {
    return this.#page ? this.#page.entryCount - this.#row : 0
  }

  async load(): Promise<void> {
    this.#page = await this.#pages.next()
    if (!this.#page)
      throw new TaskFailure('invalid_data', 'a Parquet column has fewer rows than its row group')
    this.#row = this.#value = 0
  }

  measure(sizes: Int32Array): void {
    const page = this.#open()
    const { fast } = this.#codec
    if (fast && fast.kind !== 'bytes')
      return this.#measureFixed(page, sizes, fast.kind === 'pair' ? 8 : fast.bytes)
    const { values, from } = this.#fields(page, sizes.length)
    if (values.kind !== 'bytes') throw new Error('fields are bytes')
    const extra = fast && fast.prefix !== null ? 1 : 0
    let dense = from
    for (let row = 0; row < sizes.length; row++) {
      if (page.definitions && page.definitions[this.#row + row] === 0) continue
      sizes[row] = (sizes[row] ?? 0) + (values.lengths[dense++] ?? 0) + extra
    }
  }

  emit(view: DataView, positions: Int32Array): void {
    const page = this.#open()
    const { fast } = this.#codec
    const definitions = page.definitions?.subarray(this.#row, this.#row + positions.length) ?? null
    const target = { view, positions, definitions }
    const dense = fast ? { values: page.values, from: this.#value } : { values: this.#encodedFields, from: 0 }
    const taken = emitters[fast?.kind ?? 'bytes'](target, dense, fast ?? plainBytes)
    this.#row += positions.length
    this.#value += taken
  }

  #measureFixed({ definitions }: DecodedPage, sizes: Int32Array, bytes: number): void {
    for (let row = 0; row < sizes.length; row++) {
      if (definitions && definitions[this.#row + row] === 0) continue
      sizes[row] = (sizes[row] ?? 0) + bytes
    }
  }

  /** The next rows' values as byte strings; encodes them where the page has them in another form. */
  #fields(page: DecodedPage, rows: number): Dense {
    if (this.#codec.fast) return { values: page.values, from: this.#value }
    let count = rows
    if (page.definitions) {
      count = 0
      for (let row = this.#row; row < this.#row + rows; row++) if (page.definitions[row] !== 0) count++
    }
    const starts = new Int32Array(count)
    const lengths = new Int32Array(count)
    const out = this.#encoded
    out.length = 0
    for (let index = 0; index < count; index++) {
      const start = out.length
      out.reserve(fieldRoom)
      this.#codec.encode(page.values, this.#value + index, out)
      starts[index] = start
      lengths[index] = out.length - start
    }
    this.#encodedFields = { kind: 'bytes', view: out.view, starts, lengths }
    return { values: this.#encodedFields, from: 0 }
  }

  #open(): DecodedPage {
    if (!this.#page) throw new Error('load() comes first')
    return this.#page
  }
}

type Target = { view: DataView; positions: Int32Array; definitions: Uint8Array | null }
/** Writes the fields of all positions and returns how many values that took. */
type Emitter = (target: Target, dense: Dense, path: FastPath) => number

const plainBytes: FastPath = { kind: 'bytes', prefix: null }
const emptyFields: DenseValues = {
  kind: 'bytes',
  view: new DataView(new ArrayBuffer(0)),
  starts: new Int32Array(0),
  lengths: new Int32Array(0),
}

/** One tight loop per form of field. */
const emitters: Record<FastPath['kind'], Emitter> = {
  word({ view, positions, definitions }, { values, from }, path) {
    if (values.kind !== 'words' || path.kind !== 'word') throw new Error('values are words')
    const { words } = values
    const { bytes, add } = path
    let dense = from
    for (let row = 0; row < positions.length; row++) {
      const at = positions[row] ?? 0
      if (definitions && definitions[row] === 0) {
        view.setInt32(at, -1)
        positions[row] = at + 4
        continue
      }
      const value = (words[dense++] ?? 0) + add
      view.setInt32(at, bytes)
      if (bytes === 4) view.setInt32(at + 4, value)
      else view.setInt16(at + 4, value)
      positions[row] = at + 4 + bytes
    }
    return dense - from
  },

  pair({ view, positions, definitions }, { values, from }, path) {
    if (values.kind !== 'words' || path.kind !== 'pair') throw new Error('values are pairs of words')
    const { words } = values
    const { addHigh, addLow } = path
    let dense = from
    for (let row = 0; row < positions.length; row++) {
      const at = positions[row] ?? 0
      if (definitions && definitions[row] === 0) {
        view.setInt32(at, -1)
        positions[row] = at + 4
        continue
      }
      const low = ((words[dense * 2] ?? 0) >>> 0) + addLow
      const high = (words[dense * 2 + 1] ?? 0) + addHigh + (low > 0xffffffff ? 1 : 0)
      if (addHigh !== 0 && (high < -0x80000000 || isInfinite(words, dense))) throw farTime()
      dense++
      view.setInt32(at, 8)
      view.setInt32(at + 4, high)
      view.setInt32(at + 8, low)
      positions[row] = at + 12
    }
    return dense - from
  },

  bytes({ view, positions, definitions }, { values, from }, path) {
    if (values.kind !== 'bytes') throw new Error('values are bytes')
    const prefix = path.kind === 'bytes' ? path.prefix : null
    let dense = from
    for (let row = 0; row < positions.length; row++) {
      const at = positions[row] ?? 0
      if (definitions && definitions[row] === 0) {
        view.setInt32(at, -1)
        positions[row] = at + 4
        continue
      }
      const start = values.starts[dense] ?? 0
      const length = values.lengths[dense++] ?? 0
      positions[row] =
        prefix === null
          ? writeBytesField({ view, at }, values.view, { start, length })
          : writePrefixed({ view, at }, values.view, { start, length, prefix })
    }
    return dense - from
  },
}

/** The largest number of 64 bits, by which other systems mean infinity. */
function isInfinite(words: Int32Array, pair: number): boolean {
  return words[pair * 2 + 1] === 0x7fffffff && words[pair * 2] === -1
}

function writePrefixed(
  { view, at }: { view: DataView; at: number },
  source: DataView,
  { start, length, prefix }: { start: number; length: number; prefix: number },
): number {
  // The bytes go one further, then their length is put in front of the prefix.
  const end = writeBytesField({ view, at: at + 1 }, source, { start, length })
  view.setInt32(at, length + 1)
  view.setUint8(at + 4, prefix)
  return end
}
