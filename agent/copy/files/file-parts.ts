import { z } from 'zod'
import { CopyPart } from '../../../lib/protocol/copy-plan.ts'
import type { FileEntry } from '../../connectors/connector.ts'
import { partCount } from '../table/source/source-parts.ts'
import type { FileShape } from './row-format.ts'

/** A file, or a stretch of one between two positions at which a reader may begin. */
const FileRange = z.object({
  path: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  modifiedAt: z.string(),
  etag: z.string().exactOptional(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
})
export type FileRange = z.infer<typeof FileRange>
/** A committed step: large enough that its commit costs nothing, small enough that a crash repeats little. */
const chunkBytes = 128 << 20
export const FilesPartEngine = z.object({
  files: z.array(FileRange),
  chunkBytes: z.number().int().positive().default(chunkBytes),
})

export type ShapedFile = { entry: FileEntry; shape: Omit<FileShape, 'columns'> }
/** `length`: of the whole file, in the units of its positions. */
type SizedRange = { range: FileRange; length: number; bytes: number; rows: number | null }

/** Parts of about the same size: small files share one, large files are divided where their format allows it. */
export function splitFiles(files: readonly ShapedFile[], parallel: number | undefined): CopyPart[] {
  const ranges = files.flatMap(rangesOf)
  const bytes = ranges.reduce((sum, range) => sum + range.bytes, 0)
  const count = partCount(bytes, parallel)
  const groups: SizedRange[][] = []
  let done = 0
  for (const range of ranges) {
    // The middle of a range decides in which of the equal shares it lies.
    const share =
      bytes === 0 ? 0 : Math.min(count - 1, Math.floor(((done + range.bytes / 2) / bytes) * count))
    done += range.bytes
    const group = groups[share] ?? []
    groups[share] = group
    group.push(range)
  }
  return groups.filter((group) => group.length > 0).map(toPart)
}

/** About how many bytes its rows are on their way. */
export function bytesOf({ entry, shape }: ShapedFile): number {
  return shape.estimatedBytes ?? entry.sizeBytes
}

function rangesOf(file: ShapedFile): SizedRange[] {
  const { entry, shape } = file
  const bytes = bytesOf(file)
  const edges = [0, ...shape.splits, shape.length]
  return edges.slice(1).map((end, index) => {
    const start = edges[index] ?? 0
    const share = shape.length === 0 ? 1 : (end - start) / shape.length
    const rows = shape.rowCount === undefined ? null : Math.round(shape.rowCount * share)
    return { range: { ...entry, start, end }, length: shape.length, bytes: bytes * share, rows }
  })
}

function toPart(group: readonly SizedRange[], index: number): CopyPart {
  const files: FileRange[] = []
  for (const { range } of group) {
    const last = files.at(-1)
    if (last?.path === range.path && last.end === range.start)
      files[files.length - 1] = { ...last, end: range.end }
    else files.push(range)
  }
  const rows = group.map((range) => range.rows)
  const isCounted = rows.every((count) => count !== null)
  return CopyPart.parse({
    index,
    label: labelOf(files, { length: group[0]?.length ?? 0, unit: isCounted ? 'rows' : 'MB' }),
    ...(isCounted && { estimatedRows: String(rows.reduce((sum, count) => sum + count, 0)) }),
    estimatedBytes: String(Math.round(group.reduce((sum, { bytes }) => sum + bytes, 0))),
    engine: { files, chunkBytes },
  })
}

function labelOf(
  files: readonly FileRange[],
  { length, unit }: { length: number; unit: 'rows' | 'MB' },
): string {
  const [first, ...more] = files
  if (!first) return ''
  const { path, start, end } = first
  if (more.length > 0) return `${files.length} files from ${path}`
  if (start === 0 && end === length) return path
  return unit === 'rows'
    ? `${path}, rows ${start}–${end - 1}`
    : `${path}, ${Math.round(start / 1e6)}–${Math.round(end / 1e6)} MB`
}
