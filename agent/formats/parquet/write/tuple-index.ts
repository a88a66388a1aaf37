/** Rows per pass: the offsets of 16 columns then fit the second-level cache. */
const capacity = 4096
/** Columns start a cache line apart from a power of two, or all of them would fall into the same cache sets. */
const stride = capacity + 16

/** Where each field of a batch of binary tuples lies, column by column, so that every column is then read in one tight loop. */
export class TupleIndex {
  readonly #columnCount: number
  readonly #offsets: Int32Array
  readonly #nullCounts: Int32Array
  #view: DataView = new DataView(new ArrayBuffer(0))
  rowCount = 0

  constructor(columnCount: number) {
    this.#columnCount = columnCount
    this.#offsets = new Int32Array(stride * columnCount)
    this.#nullCounts = new Int32Array(columnCount)
  }

  /** Indexes rows from byte `from`, at most `capacity` of them; returns where it stopped. */
  index(view: DataView, from: number): number {
    const offsets = this.#offsets
    const nullCounts = this.#nullCounts.fill(0)
    const columnCount = this.#columnCount
    const end = view.byteLength
    let at = from
    let row = 0
    while (at < end && row < capacity) {
      if (view.getInt16(at) !== columnCount)
        throw new Error('tuple has another number of fields than the plan')
      at += 2
      let slot = row
      for (let column = 0; column < columnCount; column++) {
        const length = view.getInt32(at)
        at += 4
        if (length < 0) {
          offsets[slot] = -1
          nullCounts[column] = (nullCounts[column] ?? 0) + 1
        } else {
          offsets[slot] = at
          at += length
        }
        slot += stride
      }
      row++
    }
    this.#view = view
    this.rowCount = row
    return at
  }

  column(index: number): FieldOffsets {
    const start = index * stride
    return {
      view: this.#view,
      offsets: this.#offsets.subarray(start, start + this.rowCount),
      nullCount: this.#nullCounts[index] ?? 0,
    }
  }
}

/** Fields of one column: `offsets` of their first bytes in `view`, -1 for NULL. A field's length lies in the four bytes before it. */
export type FieldOffsets = { view: DataView; offsets: Int32Array; nullCount: number }
