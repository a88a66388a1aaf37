/** Compact type ids (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md). */
const types = { true: 1, false: 2, i8: 3, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const
type ElementType = 'i32' | 'i64' | 'binary' | 'struct'

/** Writes one Thrift struct in the compact protocol: as much of it as Parquet's page headers and footer need. */
export class ThriftWriter {
  #buffer = Buffer.allocUnsafe(256)
  #length = 0
  #lastField = 0

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  i32(field: number, value: number): this {
    this.#header(field, types.i32)
    this.#integer(value)
    return this
  }

  /** Numbers up to 2^53: offsets, sizes and counts. */
  i64(field: number, value: number): this {
    this.#header(field, types.i64)
    this.#integer(value)
    return this
  }

  bool(field: number, value: boolean): this {
    this.#header(field, value ? types.true : types.false)
    return this
  }

  i8(field: number, value: number): this {
    this.#header(field, types.i8)
    this.#byte(value)
    return this
  }

  binary(field: number, value: Uint8Array | string): this {
    this.#header(field, types.binary)
    this.#binary(value)
    return this
  }

  struct(field: number, write: (inner: this) => void): this {
    this.#header(field, types.struct)
    this.#struct(write)
    return this
  }

  structs<Item>(
    field: number,
    items: readonly Item[],
    write: (inner: this, item: Item, index: number) => void,
  ): this {
    this.#list(field, { type: 'struct', length: items.length })
    for (const [index, item] of items.entries()) this.#struct((inner) => write(inner, item, index))
    return this
  }

  integers(field: number, values: readonly number[]): this {
    this.#list(field, { type: 'i32', length: values.length })
    for (const value of values) this.#integer(value)
    return this
  }

  strings(field: number, values: readonly string[]): this {
    this.#list(field, { type: 'binary', length: values.length })
    for (const value of values) this.#binary(value)
    return this
  }

  /** Ends the struct that the writer itself stands for. */
  end(): Buffer {
    this.#byte(0)
    return this.bytes()
  }

  #struct(write: (inner: this) => void): void {
    const outerField = this.#lastField
    this.#lastField = 0
    write(this)
    this.#byte(0)
    this.#lastField = outerField
  }

  #list(field: number, { type, length }: { type: ElementType; length: number }): void {
    this.#header(field, types.list)
    if (length < 15) this.#byte((length << 4) | types[type])
    else {
      this.#byte(0xf0 | types[type])
      this.#varint(length)
    }
  }

  #header(field: number, type: number): void {
    const delta = field - this.#lastField
    this.#lastField = field
    if (delta > 0 && delta < 16) return this.#byte((delta << 4) | type)
    this.#byte(type)
    this.#integer(field)
  }

  #binary(value: Uint8Array | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    this.#varint(bytes.length)
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #integer(value: number): void {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  #varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#byte((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    this.#byte(rest)
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
  }

  #reserve(length: number): void {
    const needed = this.#length + length
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    larger.set(this.bytes())
    this.#buffer = larger
  }
}
