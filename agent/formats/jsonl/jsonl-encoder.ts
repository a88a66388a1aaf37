import type { NewFile, RowEncoder } from '../../copy/files/row-format.ts'
import { RowTooLong } from '../../copy/files/row-too-long.ts'
import { maxLineBytes } from '../../digest/json-lines.ts'
import { wasmInstance, type WasmU32 } from '../../digest/wasm-instance.ts'
import { createTextWriter, type TextWriter } from '../text/text-writer.ts'

type Exports = {
  prefixesAt(): number
  reserveNames(size: number): number
  reserve(inputSize: number, outputSize: number): number
  outputAt(): number
  configure(columnCount: number): void
  encode(length: number): number
  outputLength: WasmU32
}

/** Writes tuples of JSON texts as one object per line, with the keys in the order of the columns. */
export class JsonlEncoder implements RowEncoder {
  readonly #wasm = wasmInstance<Exports>('json-encode')
  readonly #writer: TextWriter
  /** What a row takes on top of its values. */
  readonly #overhead: number
  #memory: Buffer
  #input = 0
  #room = 0

  constructor(file: NewFile) {
    this.#writer = createTextWriter(file.options.compression ?? 'none', file.write)
    const prefixes = file.columns.map(({ name }, index) =>
      Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    )
    const size = prefixes.reduce((sum, { length }) => sum + length, 0)
    this.#overhead = size + prefixes.length * 4 + 16
    const at = this.#wasm.reserveNames(size)
    this.#wasm.configure(prefixes.length)
    this.#memory = this.#reserve(1 << 20)
    prefixes.reduce((start, prefix, index) => {
      this.#memory.set(prefix, start)
      this.#memory.writeUInt32LE(start, this.#wasm.prefixesAt() + index * 8)
      this.#memory.writeUInt32LE(prefix.length, this.#wasm.prefixesAt() + index * 8 + 4)
      return start + prefix.length
    }, at)
  }

  async write(rows: Uint8Array): Promise<void> {
    if (rows.length + this.#overhead > maxLineBytes) this.#requireShort(rows)
    if (rows.length > this.#room) this.#memory = this.#reserve(rows.length)
    this.#memory.set(rows, this.#input)
    for (let left = rows.length; left > 0;) {
      const consumed = this.#wasm.encode(left)
      const at = this.#wasm.outputAt()
      const lines = this.#memory.subarray(at, at + this.#wasm.outputLength.value)
      this.#memory.copyWithin(this.#input, this.#input + consumed, this.#input + left)
      left -= consumed
      await this.#writer.write(lines)
    }
  }

  finish(): Promise<void> {
    return this.#writer.finish()
  }

  /** As many bytes at once are one row, with few others. */
  #requireShort(rows: Uint8Array): void {
    if (longestTuple(rows) + this.#overhead > maxLineBytes)
      throw new RowTooLong(`a line of JSON may have ${maxLineBytes >> 20} MB`)
  }

  #reserve(bytes: number): Buffer {
    this.#room = bytes
    this.#input = this.#wasm.reserve(bytes, bytes + this.#overhead + (1 << 20))
    return Buffer.from(this.#wasm.memory.buffer)
  }
}

function longestTuple(rows: Uint8Array): number {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength)
  let longest = 0
  for (let at = 0; at < view.byteLength;) {
    const start = at
    const fields = view.getInt16(at)
    at += 2
    for (let field = 0; field < fields; field += 1) at += 4 + Math.max(0, view.getInt32(at))
    longest = Math.max(longest, at - start)
  }
  return longest
}
