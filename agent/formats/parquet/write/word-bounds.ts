/** How a column's words are compared; `none` leaves the bounds out. */
export type WordOrder = 'int32' | 'int64' | 'float' | 'double'

/** Least and greatest of a column of words so far (parquet-format, parquet.thrift, ColumnOrder). */
export class WordBounds {
  readonly #order: WordOrder
  #min: Buffer | null = null
  #max: Buffer | null = null
  #hasNaN = false

  constructor(order: WordOrder) {
    this.#order = order
  }

  include(words: Int32Array): void {
    if (words.length === 0) return
    if (this.#order === 'int64') return this.#includePairs(words)
    if (this.#order === 'int32') return this.#includeNumbers(words)
    const { buffer, byteOffset, byteLength } = words
    const isFloat = this.#order === 'float'
    this.#includeNumbers(
      isFloat
        ? new Float32Array(buffer, byteOffset, byteLength / 4)
        : new Float64Array(buffer, byteOffset, byteLength / 8),
    )
  }

  /**
   * None where there is NaN: the format wants it left out of the bounds, but readers to whom it is the greatest number (DuckDB,
   * as PostgreSQL) would pass over a row group whose bounds do not tell of it.
   */
  take(): { min: Buffer; max: Buffer } | null {
    const [min, max] = this.#hasNaN ? [null, null] : [this.#min, this.#max]
    this.#min = this.#max = null
    this.#hasNaN = false
    return min && max && { min, max }
  }

  #includeNumbers(values: Int32Array | Float32Array | Float64Array): void {
    let min = this.#min ? this.#read(this.#min) : Infinity
    let max = this.#max ? this.#read(this.#max) : -Infinity
    let seen = this.#min !== null
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0
      if (value <= min) min = value
      if (value >= max) max = value
      const isNumber = value === value
      seen ||= isNumber
      this.#hasNaN ||= !isNumber
    }
    if (!seen) return
    this.#min = this.#write(min, -0)
    this.#max = this.#write(max, 0)
  }

  #includePairs(words: Int32Array): void {
    let [minLow, minHigh] = [0xffffffff, 0x7fffffff]
    let [maxLow, maxHigh] = [0, -0x80000000]
    if (this.#min) [minLow, minHigh] = [this.#min.readUInt32LE(0), this.#min.readInt32LE(4)]
    if (this.#max) [maxLow, maxHigh] = [this.#max.readUInt32LE(0), this.#max.readInt32LE(4)]
    for (let index = 0; index < words.length; index += 2) {
      const low = (words[index] ?? 0) >>> 0
      const high = words[index + 1] ?? 0
      if (high < minHigh || (high === minHigh && low < minLow)) [minLow, minHigh] = [low, high]
      if (high > maxHigh || (high === maxHigh && low > maxLow)) [maxLow, maxHigh] = [low, high]
    }
    this.#min = pairBytes(minLow, minHigh)
    this.#max = pairBytes(maxLow, maxHigh)
  }

  #read(bytes: Buffer): number {
    if (this.#order === 'int32') return bytes.readInt32LE()
    return this.#order === 'float' ? bytes.readFloatLE() : bytes.readDoubleLE()
  }

  /** A floating-point bound of zero is written with the sign that covers both zeros. */
  #write(value: number, zero: number): Buffer {
    const bytes = Buffer.alloc(this.#order === 'double' ? 8 : 4)
    if (this.#order === 'int32') bytes.writeInt32LE(value)
    else if (this.#order === 'float') bytes.writeFloatLE(value === 0 ? zero : value)
    else bytes.writeDoubleLE(value === 0 ? zero : value)
    return bytes
  }
}

function pairBytes(low: number, high: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(low, 0)
  bytes.writeInt32LE(high, 4)
  return bytes
}
