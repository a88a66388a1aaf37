import { ByteBuffer } from './byte-buffer.ts'
import { grown, maxDictionaryBytes, maxDictionaryEntries } from './values.ts'

/** Multipliers of murmur3 (https://github.com/aappleby/smhasher, MurmurHash3_x86_32). */
const firstMultiplier = 0xcc9e2d51
const secondMultiplier = 0x85ebca6b

/** Numbers the different byte strings of a column by open addressing; keeps them in the form of a PLAIN page. */
export class BytesDictionary {
  readonly #prefixBytes: 0 | 4
  readonly data = new ByteBuffer()
  /** First byte of each entry's value in `data`, and one past the last. */
  #starts = new Int32Array(257)
  #hashes = new Int32Array(256)
  /** Entry number plus one; 0 is free. At most half full. */
  #table = new Int32Array(1 << 9)
  entryCount = 0

  /** `prefixBytes`: 4 for BYTE_ARRAY, whose values carry their length, 0 for values of fixed length. */
  constructor(prefixBytes: 0 | 4) {
    this.#prefixBytes = prefixBytes
    this.#starts[0] = prefixBytes
  }

  start(entry: number): number {
    return this.#starts[entry] ?? 0
  }

  length(entry: number): number {
    return (this.#starts[entry + 1] ?? 0) - (this.#starts[entry] ?? 0) - this.#prefixBytes
  }

  /** The entry's number, or -1 when the value is new and the dictionary is full. */
  encode(view: DataView, at: number, length: number): number {
    const hash = hashBytes(view, at, length)
    const mask = this.#table.length - 1
    let slot = hash & mask
    for (;;) {
      const entry = (this.#table[slot] ?? 0) - 1
      if (entry < 0) break
      if (this.#hashes[entry] === hash && this.#equals(entry, { view, at, length })) return entry
      slot = (slot + 1) & mask
    }
    if (this.entryCount === maxDictionaryEntries || this.data.length + length > maxDictionaryBytes) return -1
    this.#table[slot] = this.entryCount + 1
    return this.#add({ view, at, length }, hash)
  }

  #equals(entry: number, { view, at, length }: { view: DataView; at: number; length: number }): boolean {
    if (this.length(entry) !== length) return false
    const own = this.data.view
    const start = this.#starts[entry] ?? 0
    const words = length & ~3
    for (let index = 0; index < words; index += 4)
      if (own.getInt32(start + index) !== view.getInt32(at + index)) return false
    for (let index = words; index < length; index++)
      if (own.getUint8(start + index) !== view.getUint8(at + index)) return false
    return true
  }

  #add({ view, at, length }: { view: DataView; at: number; length: number }, hash: number): number {
    const entry = this.entryCount++
    const { data } = this
    data.reserve(length + 4)
    if (this.#prefixBytes) {
      data.view.setInt32(data.length, length, true)
      data.length += 4
    }
    data.append(view, at, length)
    if (entry + 2 > this.#starts.length) this.#starts = grown(this.#starts, entry + 2)
    this.#starts[entry + 1] = data.length + this.#prefixBytes
    if (entry + 1 > this.#hashes.length) this.#hashes = grown(this.#hashes, entry + 1)
    this.#hashes[entry] = hash
    if (this.entryCount * 2 > this.#table.length) this.#rehash()
    return entry
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 2)
    const mask = table.length - 1
    for (let entry = 0; entry < this.entryCount; entry++) {
      let slot = (this.#hashes[entry] ?? 0) & mask
      while (table[slot] !== 0) slot = (slot + 1) & mask
      table[slot] = entry + 1
    }
    this.#table = table
  }
}

function hashBytes(view: DataView, at: number, length: number): number {
  let hash = length
  const words = at + (length & ~3)
  for (let index = at; index < words; index += 4) {
    hash = Math.imul(hash ^ view.getInt32(index), firstMultiplier)
    hash ^= hash >>> 15
  }
  for (let index = words; index < at + length; index++)
    hash = Math.imul(hash ^ view.getUint8(index), firstMultiplier)
  hash = Math.imul(hash ^ (hash >>> 15), secondMultiplier)
  return hash ^ (hash >>> 13)
}
