import { ByteBuffer } from './byte-buffer.ts'
import { BytesBounds } from './bytes-bounds.ts'
import { BytesDictionary } from './bytes-dictionary.ts'
import { bitWidthFor, encodeHybrid } from './rle.ts'
import { type ColumnValues, type DenseFields, dictionaryPays, grown, type ValuePage } from './values.ts'

/** How byte values of a column lie in the tuples and in the file. */
export type BytesLayout = {
  /** Bytes per value where all have the same length; absent for BYTE_ARRAY. */
  fixedLength?: number
  /** Bytes to leave out in front of each value: the version byte of jsonb. */
  skip: number
  /** Signed big-endian integers (decimals) are ordered as numbers. */
  isSigned: boolean
}

/** A column of byte strings: BYTE_ARRAY or FIXED_LEN_BYTE_ARRAY. */
export class BytesValues implements ColumnValues {
  readonly #layout: BytesLayout
  readonly #prefixBytes: 0 | 4
  readonly #bounds: BytesBounds
  #dictionary: BytesDictionary | null
  /** The dictionary that earlier pages of this chunk refer to after it was given up. */
  #retired: BytesDictionary | null = null
  readonly #plain = new ByteBuffer()
  #indices = new Int32Array(1024)
  #indexCount = 0

  constructor(layout: BytesLayout) {
    this.#layout = layout
    this.#prefixBytes = layout.fixedLength === undefined ? 4 : 0
    this.#bounds = new BytesBounds(layout)
    this.#dictionary = new BytesDictionary(this.#prefixBytes)
  }

  get pageBytes(): number {
    return this.#plain.length + this.#indexCount * 4
  }

  append(fields: DenseFields): void {
    const done = this.#dictionary ? this.#appendEntries(this.#dictionary, fields) : 0
    if (done < fields.count) this.#appendPlain(fields, done)
  }

  takePage(): ValuePage {
    const dictionary = this.#dictionary
    if (!dictionary) {
      const bytes = this.#plain.take()
      this.#bounds.includePage(bytes)
      return { isDictionary: false, bytes }
    }
    // A page of NULLs only: there is no dictionary to refer to yet.
    if (dictionary.entryCount === 0) return { isDictionary: false, bytes: Buffer.alloc(0) }
    const bitWidth = bitWidthFor(dictionary.entryCount)
    const count = this.#indexCount
    const bytes = Buffer.concat([Buffer.of(bitWidth), encodeHybrid(this.#indices, count, bitWidth)])
    this.#indexCount = 0
    if (!dictionaryPays(dictionary.entryCount, count)) this.#retire(dictionary)
    return { isDictionary: true, bytes }
  }

  takeDictionary(): { count: number; bytes: Buffer } | null {
    const dictionary = this.#dictionary ?? this.#retired
    this.#retired = null
    if (this.#dictionary) this.#dictionary = new BytesDictionary(this.#prefixBytes)
    return dictionary?.entryCount ? { count: dictionary.entryCount, bytes: dictionary.data.take() } : null
  }

  takeBounds(): { min: Buffer; max: Buffer } | null {
    if (this.#dictionary) this.#bounds.includePage(entryBytes(this.#dictionary))
    return this.#bounds.take()
  }

  #appendEntries(dictionary: BytesDictionary, { view, offsets, count }: DenseFields): number {
    const { fixedLength, skip } = this.#layout
    const at = this.#indexCount
    if (at + count > this.#indices.length) this.#indices = grown(this.#indices, at + count)
    const indices = this.#indices
    for (let index = 0; index < count; index++) {
      const start = offsets[index] ?? 0
      const length = fixedLength ?? view.getInt32(start - 4) - skip
      const entry = dictionary.encode(view, start + skip, length)
      if (entry < 0) {
        this.#indexCount = at + index
        this.#retire(dictionary)
        return index
      }
      indices[at + index] = entry
    }
    this.#indexCount = at + count
    return count
  }

  /** The open page becomes PLAIN; pages before it keep the dictionary. */
  #retire(dictionary: BytesDictionary): void {
    this.#bounds.includePage(entryBytes(dictionary))
    this.#retired = dictionary
    this.#dictionary = null
    const { view } = dictionary.data
    for (let index = 0; index < this.#indexCount; index++) {
      const entry = this.#indices[index] ?? 0
      this.#plain.reserve(dictionary.length(entry) + 4)
      this.#appendValue(view, dictionary.start(entry), dictionary.length(entry))
    }
    this.#indexCount = 0
  }

  #appendPlain({ view, offsets, count }: DenseFields, from: number): void {
    const { fixedLength, skip } = this.#layout
    for (let index = from; index < count; index++) {
      const start = offsets[index] ?? 0
      const length = fixedLength ?? view.getInt32(start - 4) - skip
      this.#plain.reserve(length + 4)
      this.#appendValue(view, start + skip, length)
    }
  }

  #appendValue(view: DataView, at: number, length: number): void {
    const plain = this.#plain
    if (this.#prefixBytes) {
      plain.view.setInt32(plain.length, length, true)
      plain.length += 4
    }
    plain.append(view, at, length)
  }
}

function entryBytes(dictionary: BytesDictionary): Buffer {
  return dictionary.data.bytes.subarray(0, dictionary.data.length)
}
