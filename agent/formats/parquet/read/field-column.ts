/**
 * One column on its way into tuples. Tuples are built column by column: all columns first add the size of their fields to each
 * row, then each writes its fields at every row's position and moves it on.
 */
export interface FieldColumn {
  /** Rows that `measure` and `emit` can take now; `load` fetches more when there are none. */
  readonly available: number
  load(): Promise<void>
  /** Adds the bytes of the next fields without their length words. */
  measure(sizes: Int32Array): void
  /** Writes the fields that were measured last. */
  emit(view: DataView, positions: Int32Array): void
}

/** Copies longer than this are left to the engine's own memmove. */
const shortCopy = 48

/** Writes a length word and the bytes behind it; returns the position after. */
export function writeBytesField(
  target: { view: DataView; at: number },
  source: DataView,
  { start, length }: { start: number; length: number },
): number {
  const { view, at } = target
  view.setInt32(at, length)
  const to = at + 4
  if (length > shortCopy) {
    const bytes = new Uint8Array(source.buffer, source.byteOffset + start, length)
    new Uint8Array(view.buffer, view.byteOffset + to, length).set(bytes)
    return to + length
  }
  const words = length & ~3
  for (let index = 0; index < words; index += 4) view.setInt32(to + index, source.getInt32(start + index))
  for (let index = words; index < length; index++) view.setUint8(to + index, source.getUint8(start + index))
  return to + length
}
