/** Dense values of one column (no NULLs): offsets of their first bytes in `view`, lengths in the four bytes before each. */
export type DenseFields = { view: DataView; offsets: Int32Array; count: number }

export type ValuePage = { isDictionary: boolean; bytes: Buffer }
export type Bounds = { min: Buffer; max: Buffer }

/** Collects the values of one leaf column, page by page, and at the end of a row group its dictionary and bounds. */
export interface ColumnValues {
  append(fields: DenseFields): void
  /** Size of the open page in its encoded form, roughly. */
  readonly pageBytes: number
  /** The values since the last page; the buffer is the caller's. */
  takePage(): ValuePage
  /** Closes the column chunk: null where no page of it used a dictionary. */
  takeDictionary(): { count: number; bytes: Buffer } | null
  /** Least and greatest value of the chunk; null where it has none or its type no order. Asked for before the dictionary is taken. */
  takeBounds(): Bounds | null
}

/** An index needs more bits than most short values from here on, and the dictionary page should stay below the 1 MiB of other writers. */
export const maxDictionaryEntries = 1 << 16
export const maxDictionaryBytes = 1 << 20
/** Values to look at before a dictionary is given up for having nearly as many entries as values. */
const trialValues = 8192

/** Whether a dictionary pays: far fewer entries than values. */
export function dictionaryPays(entryCount: number, valueCount: number): boolean {
  return valueCount < trialValues || entryCount * 2 < valueCount
}

/** A larger copy of a typed array with at least `needed` elements. */
export function grown(array: Int32Array, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, array.length * 2))
  larger.set(array)
  return larger
}
