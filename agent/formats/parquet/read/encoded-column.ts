import { type FieldColumn, writeBytesField } from './field-column.ts'

/** Whole fields of some rows as bytes; a length of -1 is NULL. */
export type EncodedRows = { view: DataView; starts: Int32Array; lengths: Int32Array }

/** A column whose rows are encoded in batches by `next`: lists and nested values. */
export class EncodedColumn implements FieldColumn {
  readonly #next: () => Promise<EncodedRows>
  #rows: EncodedRows = {
    view: new DataView(new ArrayBuffer(0)),
    starts: new Int32Array(0),
    lengths: new Int32Array(0),
  }
  #row = 0

  constructor(next: () => Promise<EncodedRows>) {
    this.#next = next
  }

  get available(): number {
    return this.#rows.starts.length - this.#row
  }

  async load(): Promise<void> {
    this.#rows = await this.#next()
    this.#row = 0
  }

  measure(sizes: Int32Array): void {
    for (let row = 0; row < sizes.length; row++) {
      const length = this.#rows.lengths[this.#row + row] ?? -1
      if (length > 0) sizes[row] = (sizes[row] ?? 0) + length
    }
  }

  emit(view: DataView, positions: Int32Array): void {
    const { starts, lengths } = this.#rows
    for (let row = 0; row < positions.length; row++) {
      const at = positions[row] ?? 0
      const length = lengths[this.#row + row] ?? -1
      if (length < 0) {
        view.setInt32(at, -1)
        positions[row] = at + 4
        continue
      }
      const start = starts[this.#row + row] ?? 0
      positions[row] = writeBytesField({ view, at }, this.#rows.view, { start, length })
    }
    this.#row += positions.length
  }
}
