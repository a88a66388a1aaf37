import type { FileReader } from '../../connectors/connector.ts'

/** Enough for thousands of usual rows, on which the guess at a beginning rests. */
const pieceBytes = 1 << 20

/** The first beginning of a row behind each position, where a piece of the text tells it; `startIn` answers 0 or null where not. */
export async function splitsNear(
  reader: FileReader,
  near: readonly number[],
  startIn: (piece: Uint8Array) => number | null,
): Promise<number[]> {
  const { sizeBytes } = reader.entry
  const splits: number[] = []
  for (const position of near) {
    const piece = await reader.read(position, Math.min(pieceBytes, sizeBytes - position))
    const start = position + (startIn(piece) ?? 0)
    if (start > Math.max(position, splits.at(-1) ?? 0) && start < sizeBytes) splits.push(start)
  }
  return splits
}
