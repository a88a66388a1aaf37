import type { FieldColumn } from './field-column.ts'

/** Rows per batch at most: their positions and sizes stay in the first-level cache. */
const batchRows = 2048
/** Batches end early where rows are wide; one row may be larger. */
const batchBytes = 4 * 1024 * 1024

/** CopyData: its type byte, and a length that counts itself (protocol-message-formats in PostgreSQL's manual). */
const copyData = 0x64
const messageHeaderBytes = 5
const fieldCountBytes = 2

export type TupleMessages = { bytes: Uint8Array; rowCount: number }

/** Puts the fields of all columns together to binary tuples, each in a CopyData message. */
export class TupleBuilder {
  readonly #columns: readonly FieldColumn[]
  readonly #sizes = new Int32Array(batchRows)
  readonly #positions = new Int32Array(batchRows)

  constructor(columns: readonly FieldColumn[]) {
    this.#columns = columns
  }

  /** As many rows as every column has at hand, at least one and at most `limit`. */
  async next(limit: number): Promise<TupleMessages> {
    for (const column of this.#columns) while (column.available === 0) await column.load()
    const available = this.#columns.map((column) => column.available)
    const measured = Math.min(limit, batchRows, ...available)
    const sizes = this.#sizes
      .subarray(0, measured)
      .fill(messageHeaderBytes + fieldCountBytes + this.#columns.length * 4)
    for (const column of this.#columns) column.measure(sizes)
    const { rowCount, total } = this.#place(sizes)
    const positions = this.#positions.subarray(0, rowCount)
    const bytes = Buffer.allocUnsafeSlow(total)
    const view = new DataView(bytes.buffer)
    for (let row = 0; row < rowCount; row++) {
      const at = positions[row] ?? 0
      view.setUint8(at, copyData)
      view.setInt32(at + 1, (sizes[row] ?? 0) - 1)
      view.setInt16(at + messageHeaderBytes, this.#columns.length)
      positions[row] = at + messageHeaderBytes + fieldCountBytes
    }
    for (const column of this.#columns) column.emit(view, positions)
    return { bytes, rowCount }
  }

  /** Where each row begins, for as many rows as fit the batch. */
  #place(sizes: Int32Array): { rowCount: number; total: number } {
    let total = 0
    let rowCount = 0
    while (rowCount < sizes.length) {
      const size = sizes[rowCount] ?? 0
      if (rowCount > 0 && total + size > batchBytes) break
      this.#positions[rowCount++] = total
      total += size
    }
    return { rowCount, total }
  }
}
