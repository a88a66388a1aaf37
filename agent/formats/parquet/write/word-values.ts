import { bitWidthFor, encodeHybrid } from './rle.ts'
import { type WordOrder, WordBounds } from './word-bounds.ts'
import type { WordReader } from './word-readers.ts'
import { type ColumnValues, type DenseFields, dictionaryPays, grown, type ValuePage } from './values.ts'
import { WordDictionary } from './word-dictionary.ts'

/** A column of 4-byte or 8-byte values (INT32, INT64, FLOAT, DOUBLE). Words lie as in memory: every Node platform is little-endian. */
export class WordValues implements ColumnValues {
  readonly #read: WordReader
  readonly #lanes: 1 | 2
  readonly #bounds: WordBounds
  #scratch = new Int32Array(0)
  /** Null while the open page is PLAIN; stays null for the rest of the file once it did not pay. */
  #dictionary: WordDictionary | null
  /** The dictionary that earlier pages of this chunk refer to after it was given up. */
  #retired: WordDictionary | null = null
  /** Entry numbers or words of the open page. */
  #page = new Int32Array(1024)
  #pageLength = 0

  constructor({ read, lanes, order }: { read: WordReader; lanes: 1 | 2; order: WordOrder }) {
    this.#read = read
    this.#lanes = lanes
    this.#bounds = new WordBounds(order)
    this.#dictionary = new WordDictionary(lanes)
  }

  get pageBytes(): number {
    return this.#pageLength * 4
  }

  append({ view, offsets, count }: DenseFields): void {
    if (this.#scratch.length < count * this.#lanes) this.#scratch = new Int32Array(count * this.#lanes)
    this.#read(view, { offsets, count }, this.#scratch)
    const done = this.#dictionary ? this.#appendEntries(this.#dictionary, count) : 0
    if (done < count) this.#appendPlain(this.#scratch.subarray(done * this.#lanes, count * this.#lanes))
  }

  takePage(): ValuePage {
    const page = this.#page.subarray(0, this.#pageLength)
    const dictionary = this.#dictionary
    this.#pageLength = 0
    if (!dictionary) {
      this.#bounds.include(page)
      return {
        isDictionary: false,
        bytes: Buffer.from(Buffer.from(page.buffer, page.byteOffset, page.byteLength)),
      }
    }
    // A page of NULLs only: there is no dictionary to refer to yet.
    if (dictionary.entryCount === 0) return { isDictionary: false, bytes: Buffer.alloc(0) }
    const bitWidth = bitWidthFor(dictionary.entryCount)
    const bytes = Buffer.concat([Buffer.of(bitWidth), encodeHybrid(page, page.length, bitWidth)])
    if (!dictionaryPays(dictionary.entryCount, page.length)) this.#retire(dictionary)
    return { isDictionary: true, bytes }
  }

  takeDictionary(): { count: number; bytes: Buffer } | null {
    const dictionary = this.#dictionary ?? this.#retired
    this.#retired = null
    if (this.#dictionary) this.#dictionary = new WordDictionary(this.#lanes)
    if (!dictionary?.entryCount) return null
    const { entries } = dictionary
    return {
      count: dictionary.entryCount,
      bytes: Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength),
    }
  }

  takeBounds(): { min: Buffer; max: Buffer } | null {
    if (this.#dictionary) this.#bounds.include(this.#dictionary.entries)
    return this.#bounds.take()
  }

  #appendEntries(dictionary: WordDictionary, count: number): number {
    const at = this.#pageLength
    if (at + count > this.#page.length) this.#page = grown(this.#page, at + count)
    const done = dictionary.encode(this.#scratch, count, { indices: this.#page, at })
    this.#pageLength += done
    if (done < count) this.#retire(dictionary)
    return done
  }

  /** The open page becomes PLAIN; pages before it keep the dictionary. */
  #retire(dictionary: WordDictionary): void {
    const { entries } = dictionary
    this.#bounds.include(entries)
    this.#retired = dictionary
    this.#dictionary = null
    const indices = this.#page.slice(0, this.#pageLength)
    const lanes = this.#lanes
    this.#pageLength = 0
    const words = new Int32Array(indices.length * lanes)
    for (let index = 0; index < indices.length; index++) {
      const entry = (indices[index] ?? 0) * lanes
      words[index * lanes] = entries[entry] ?? 0
      if (lanes === 2) words[index * 2 + 1] = entries[entry + 1] ?? 0
    }
    this.#appendPlain(words)
  }

  #appendPlain(words: Int32Array): void {
    const at = this.#pageLength
    if (at + words.length > this.#page.length) this.#page = grown(this.#page, at + words.length)
    this.#page.set(words, at)
    this.#pageLength = at + words.length
  }
}
