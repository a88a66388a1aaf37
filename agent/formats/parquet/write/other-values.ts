import { readWideDecimal } from '../numeric.ts'
import { BytesValues } from './bytes-values.ts'
import type { Bounds, ColumnValues, DenseFields, ValuePage } from './values.ts'

/** A BOOLEAN column: one bit per value, lowest first. */
export class BooleanValues implements ColumnValues {
  #bits = new Uint8Array(1024)
  #count = 0
  #trueCount = 0
  #chunkCount = 0
  #chunkTrueCount = 0

  get pageBytes(): number {
    return this.#count / 8
  }

  append({ view, offsets, count }: DenseFields): void {
    if (this.#count + count > this.#bits.length) {
      const larger = new Uint8Array(Math.max(this.#count + count, this.#bits.length * 2))
      larger.set(this.#bits)
      this.#bits = larger
    }
    for (let index = 0; index < count; index++) {
      const bit = view.getUint8(offsets[index] ?? 0)
      this.#bits[this.#count++] = bit
      this.#trueCount += bit
    }
  }

  takePage(): ValuePage {
    const bytes = Buffer.alloc(Math.ceil(this.#count / 8))
    for (let index = 0; index < this.#count; index++)
      bytes[index >> 3] = (bytes[index >> 3] ?? 0) | ((this.#bits[index] ?? 0) << (index & 7))
    this.#chunkCount += this.#count
    this.#chunkTrueCount += this.#trueCount
    this.#count = this.#trueCount = 0
    return { isDictionary: false, bytes }
  }

  takeDictionary(): null {
    return null
  }

  takeBounds(): Bounds | null {
    const [count, trueCount] = [this.#chunkCount, this.#chunkTrueCount]
    this.#chunkCount = this.#chunkTrueCount = 0
    if (count === 0) return null
    return { min: Buffer.of(trueCount === count ? 1 : 0), max: Buffer.of(trueCount > 0 ? 1 : 0) }
  }
}

/** Decimals of more than 18 digits: big-endian two's complement of fixed length. */
export class WideDecimalValues implements ColumnValues {
  readonly #values: BytesValues
  readonly #scale: number
  readonly #typeLength: number
  readonly #limbs: Uint32Array
  #scratch = Buffer.alloc(0)
  #offsets = new Int32Array(0)

  constructor({ scale, typeLength }: { scale: number; typeLength: number }) {
    this.#scale = scale
    this.#typeLength = typeLength
    this.#limbs = new Uint32Array(Math.ceil(typeLength / 4))
    this.#values = new BytesValues({ fixedLength: typeLength, skip: 0, isSigned: true })
  }

  get pageBytes(): number {
    return this.#values.pageBytes
  }

  append({ view, offsets, count }: DenseFields): void {
    const length = this.#typeLength
    if (this.#offsets.length < count) {
      this.#scratch = Buffer.allocUnsafeSlow(count * length)
      this.#offsets = Int32Array.from({ length: count }, (_, index) => index * length)
    }
    const limbs = this.#limbs
    for (let index = 0; index < count; index++) {
      readWideDecimal({ view, at: offsets[index] ?? 0 }, this.#scale, limbs)
      const last = (index + 1) * length - 1
      for (let byte = 0; byte < length; byte++)
        this.#scratch[last - byte] = (limbs[byte >> 2] ?? 0) >>> ((byte & 3) * 8)
    }
    this.#values.append({ view: new DataView(this.#scratch.buffer), offsets: this.#offsets, count })
  }

  takePage(): ValuePage {
    return this.#values.takePage()
  }

  takeDictionary(): { count: number; bytes: Buffer } | null {
    return this.#values.takeDictionary()
  }

  takeBounds(): Bounds | null {
    return this.#values.takeBounds()
  }
}
