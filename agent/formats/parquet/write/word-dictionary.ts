import { grown, maxDictionaryEntries } from './values.ts'

/** Odd multipliers with well mixed bits: 2^32 divided by the golden ratio (Knuth, TAOCP 6.4), and murmur3's second finaliser. */
const goldenRatio = 0x9e3779b1
const secondMultiplier = 0xc2b2ae35

/** Numbers the different values of a column of 32-bit or 64-bit words (`lanes` 1 or 2; low word first) by open addressing. */
export class WordDictionary {
  readonly #lanes: 1 | 2
  #entries: Int32Array
  /** Entry number plus one; 0 is free. At most half full. */
  #table = new Int32Array(1 << 9)
  #shift = 32 - 9
  entryCount = 0

  constructor(lanes: 1 | 2) {
    this.#lanes = lanes
    this.#entries = new Int32Array(256 * lanes)
  }

  get entries(): Int32Array {
    return this.#entries.subarray(0, this.entryCount * this.#lanes)
  }

  /** Writes the entry numbers of `count` values to `indices` from `at`; returns how many fitted before the dictionary was full. */
  encode(values: Int32Array, count: number, { indices, at }: { indices: Int32Array; at: number }): number {
    for (let index = 0; index < count; index++) {
      const entry =
        this.#lanes === 1
          ? this.#find(values[index] ?? 0)
          : this.#findPair(values[index * 2] ?? 0, values[index * 2 + 1] ?? 0)
      if (entry < 0) return index
      indices[at + index] = entry
    }
    return count
  }

  #find(value: number): number {
    const table = this.#table
    const entries = this.#entries
    const mask = table.length - 1
    let slot = Math.imul(value, goldenRatio) >>> this.#shift
    for (;;) {
      const entry = (table[slot] ?? 0) - 1
      if (entry < 0) break
      if (entries[entry] === value) return entry
      slot = (slot + 1) & mask
    }
    return this.#add(slot, { low: value, high: 0 })
  }

  #findPair(low: number, high: number): number {
    const table = this.#table
    const entries = this.#entries
    const mask = table.length - 1
    let slot = pairHash(low, high) >>> this.#shift
    for (;;) {
      const entry = (table[slot] ?? 0) - 1
      if (entry < 0) break
      if (entries[entry * 2] === low && entries[entry * 2 + 1] === high) return entry
      slot = (slot + 1) & mask
    }
    return this.#add(slot, { low, high })
  }

  #add(slot: number, { low, high }: { low: number; high: number }): number {
    const entry = this.entryCount
    if (entry === maxDictionaryEntries) return -1
    const lanes = this.#lanes
    if ((entry + 1) * lanes > this.#entries.length) this.#entries = grown(this.#entries, (entry + 1) * lanes)
    this.#entries[entry * lanes] = low
    if (lanes === 2) this.#entries[entry * 2 + 1] = high
    this.#table[slot] = entry + 1
    this.entryCount = entry + 1
    if (this.entryCount * 2 > this.#table.length) this.#rehash()
    return entry
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 2)
    const mask = table.length - 1
    this.#shift -= 1
    for (let entry = 0; entry < this.entryCount; entry++) {
      const hash =
        this.#lanes === 1
          ? Math.imul(this.#entries[entry] ?? 0, goldenRatio)
          : pairHash(this.#entries[entry * 2] ?? 0, this.#entries[entry * 2 + 1] ?? 0)
      let slot = hash >>> this.#shift
      while (table[slot] !== 0) slot = (slot + 1) & mask
      table[slot] = entry + 1
    }
    this.#table = table
  }
}

function pairHash(low: number, high: number): number {
  return Math.imul(low ^ Math.imul(high, secondMultiplier), goldenRatio)
}
