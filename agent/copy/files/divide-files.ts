import type { FileStore } from '../../connectors/connector.ts'
import { partCount, smallPartBytes } from '../table/source/source-parts.ts'
import { bytesOf, type ShapedFile } from './file-parts.ts'
import type { FilesSource } from './row-format.ts'
import { rowFormatFor } from './row-formats.ts'

/** Finds where large files of text may be divided, near the places where parts of equal size would begin. */
export async function divideFiles(
  store: FileStore,
  { source, files }: { source: FilesSource; files: readonly ShapedFile[] },
  parallel: number | undefined,
): Promise<ShapedFile[]> {
  const { container, csv } = source
  const format = rowFormatFor(source.format)
  const total = files.reduce((sum, file) => sum + bytesOf(file), 0)
  const count = partCount(total, parallel)
  if (!format.findSplits || count === 1) return [...files]
  const divided: ShapedFile[] = []
  let before = 0
  for (const file of files) {
    const { entry, shape } = file
    const isPlain = shape.length === entry.sizeBytes
    // A smaller file is not worth the look: as a whole it goes to one part or another.
    const near = isPlain && entry.sizeBytes > smallPartBytes ? edgesIn(before, entry.sizeBytes) : []
    before += bytesOf(file)
    if (near.length === 0) {
      divided.push(file)
      continue
    }
    const reader = await store.openReader(container, entry)
    try {
      divided.push({ entry, shape: { ...shape, splits: await format.findSplits(reader, near, { csv }) } })
    } finally {
      await reader.close()
    }
  }
  return divided

  /** Edges between equal shares of everything that lie inside of a file, as positions in it. */
  function edgesIn(start: number, sizeBytes: number): number[] {
    const edges = Array.from({ length: count - 1 }, (_, index) =>
      Math.round((total * (index + 1)) / count - start),
    )
    return edges.filter((edge) => edge > 0 && edge < sizeBytes)
  }
}
