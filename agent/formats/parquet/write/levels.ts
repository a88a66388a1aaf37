import { FieldError } from '../field-error.ts'
import { encodeHybrid, encodeRun } from './rle.ts'
import type { FieldOffsets } from './tuple-index.ts'
import type { DenseFields } from './values.ts'

/** Definition and repetition levels of the open page of a column, and the way from fields with NULLs to dense values. */
export interface Levels {
  /** Takes the levels of a batch and returns its values without NULLs. */
  append(fields: FieldOffsets): DenseFields
  /** Entries of the page: values and NULLs. */
  readonly entryCount: number
  /** Encoded levels in the order of a version 1 page, each with its length in front; starts a new page. */
  takePage(): { bytes: Buffer[]; entryCount: number; nullCount: number }
}

/** A column of its own: level 1 is a value, 0 is NULL; a column that may not hold NULL has no levels at all. */
export class FlatLevels implements Levels {
  readonly #isNullable: boolean
  #levels = new LevelBuffer()
  #nullCount = 0
  #dense = new Int32Array(0)
  entryCount = 0

  constructor(isNullable: boolean) {
    this.#isNullable = isNullable
  }

  append({ view, offsets, nullCount }: FieldOffsets): DenseFields {
    const rows = offsets.length
    this.entryCount += rows
    if (nullCount === 0) {
      if (this.#isNullable) this.#levels.fill(1, rows)
      return { view, offsets, count: rows }
    }
    if (!this.#isNullable) throw new FieldError('holds NULL although it is declared NOT NULL')
    this.#nullCount += nullCount
    if (this.#dense.length < rows) this.#dense = new Int32Array(rows)
    const dense = this.#dense
    const levels = this.#levels.extend(rows)
    let count = 0
    for (let row = 0; row < rows; row++) {
      const offset = offsets[row] ?? -1
      levels[row] = offset < 0 ? 0 : 1
      dense[count] = offset
      if (offset >= 0) count++
    }
    return { view, offsets: dense, count }
  }

  takePage(): { bytes: Buffer[]; entryCount: number; nullCount: number } {
    const { entryCount } = this
    const nullCount = this.#nullCount
    const bytes = this.#isNullable ? this.#levels.take({ bitWidth: 1, same: nullCount === 0 }) : []
    this.entryCount = this.#nullCount = 0
    return { bytes, entryCount, nullCount }
  }
}

/** Header of a binary array (src/backend/utils/adt/arrayfuncs.c, array_send): dimensions, flags, element type; then per dimension size and lower bound. */
const arrayHeaderBytes = 12
const dimensionBytes = 8

/** A three-level list of optional elements (parquet-format, LogicalTypes.md, LIST). */
export class ListLevels implements Levels {
  readonly #base: 0 | 1
  readonly #definitions = new LevelBuffer()
  readonly #repetitions = new LevelBuffer()
  #elements = new Int32Array(256)
  #nullCount = 0
  entryCount = 0

  constructor(isNullable: boolean) {
    this.#base = isNullable ? 1 : 0
  }

  append({ view, offsets }: FieldOffsets): DenseFields {
    let count = 0
    for (const offset of offsets) {
      if (offset >= 0) count = this.#appendArray(view, offset, count)
      else if (this.#base === 0) throw new FieldError('holds NULL although it is declared NOT NULL')
      else this.#entry(0, 0)
    }
    return { view, offsets: this.#elements, count }
  }

  takePage(): { bytes: Buffer[]; entryCount: number; nullCount: number } {
    const { entryCount } = this
    const nullCount = this.#nullCount
    const repetitions = this.#repetitions.take({ bitWidth: 1, same: false })
    const definitions = this.#definitions.take({ bitWidth: 2, same: false })
    this.entryCount = this.#nullCount = 0
    return { bytes: [...repetitions, ...definitions], entryCount, nullCount }
  }

  #appendArray(view: DataView, offset: number, count: number): number {
    const dimensions = view.getInt32(offset)
    if (dimensions === 0) {
      this.#entry(this.#base, 0)
      return count
    }
    if (dimensions > 1) throw new FieldError('holds an array of several dimensions: map it to text')
    if (view.getInt32(offset + arrayHeaderBytes + 4) !== 1)
      throw new FieldError('holds an array that does not begin at index 1: map it to text')
    const size = view.getInt32(offset + arrayHeaderBytes)
    if (count + size > this.#elements.length) this.#growElements(count + size)
    let at = offset + arrayHeaderBytes + dimensionBytes
    let dense = count
    for (let index = 0; index < size; index++) {
      const length = view.getInt32(at)
      at += 4
      const repetition = index === 0 ? 0 : 1
      if (length < 0) {
        this.#entry(this.#base + 1, repetition)
      } else {
        this.#entry(this.#base + 2, repetition)
        this.#elements[dense++] = at
        at += length
      }
    }
    return dense
  }

  #entry(definition: number, repetition: number): void {
    this.#definitions.extend(1)[0] = definition
    this.#repetitions.extend(1)[0] = repetition
    this.entryCount++
    if (definition < this.#base + 2) this.#nullCount++
  }

  #growElements(needed: number): void {
    const larger = new Int32Array(Math.max(needed, this.#elements.length * 2))
    larger.set(this.#elements)
    this.#elements = larger
  }
}

class LevelBuffer {
  #levels = new Uint8Array(1024)
  #length = 0

  fill(level: number, count: number): void {
    this.extend(count).fill(level)
  }

  /** Room for `count` more levels, to be filled by the caller. */
  extend(count: number): Uint8Array {
    const end = this.#length + count
    if (end > this.#levels.length) {
      const larger = new Uint8Array(Math.max(end, this.#levels.length * 2))
      larger.set(this.#levels)
      this.#levels = larger
    }
    const room = this.#levels.subarray(this.#length, end)
    this.#length = end
    return room
  }

  /** The encoded levels with their length in front. `same`: all are 1. */
  take({ bitWidth, same }: { bitWidth: number; same: boolean }): Buffer[] {
    const encoded = same
      ? encodeRun(1, this.#length, bitWidth)
      : encodeHybrid(this.#levels, this.#length, bitWidth)
    this.#length = 0
    const prefix = Buffer.alloc(4)
    prefix.writeInt32LE(encoded.length)
    return [prefix, encoded]
  }
}
