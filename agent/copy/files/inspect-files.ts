import type { CopySpec } from '../../../lib/protocol/copy-plan.ts'
import type { FileStore } from '../../connectors/connector.ts'
import { joinPath } from '../../connectors/file-names.ts'
import { inParallel } from '../../connectors/in-parallel.ts'
import { TaskFailure } from '../failure.ts'
import type { PgColumn } from '../rows.ts'
import type { TaskContext } from '../task-context.ts'
import type { ShapedFile } from './file-parts.ts'
import type { FileShape, FilesSource, RowReading } from './row-format.ts'
import { rowFormatFor } from './row-formats.ts'

export type FoundFiles = {
  files: (ShapedFile & { shape: FileShape })[]
  columns: readonly PgColumn[]
  version: string
  warnings: string[]
}

/** A plan names each file, and positions within a part must add up exactly: more is a job for a narrower wildcard. */
const maxFiles = 8_000
const filesAtOnce = 8

/** Looks into every file that the source selects: all must hold the same columns, unless their rows may lack some. */
export async function inspectFiles(
  store: FileStore,
  source: FilesSource,
  ctx: Pick<TaskContext, 'signal'>,
): Promise<FoundFiles> {
  const { container, csv } = source
  const entries = await selectFiles(store, source)
  const format = rowFormatFor(source.format)
  const shapes = new Map<string, FileShape>()
  await inParallel(entries, filesAtOnce, async (entry) => {
    ctx.signal.throwIfAborted()
    const reader = await store.openReader(container, entry)
    try {
      shapes.set(entry.path, await format.inspect(reader, { csv }))
    } finally {
      await reader.close()
    }
  })
  const all = entries.map((entry) => ({ entry, shape: shapes.get(entry.path) ?? emptyShape }))
  // Writers that had nothing to write leave empty files beside the others.
  const files = all.filter(({ shape }) => !shape.isBlank)
  const warnings = new Set(files.flatMap(({ shape }) => shape.warnings ?? []))
  const columns = commonColumns(files, format)
  return { files, columns, version: store.words.version, warnings: [...warnings] }
}

/** The files of a source; none at all is a mistake that is said at once. */
export async function selectFiles(store: FileStore, source: FilesSource) {
  const { container, folder, fileName, recursive } = source
  const entries = await store.list({ container, folder, fileName, recursive })
  const where = joinPath(container ?? '', folder, fileName)
  if (entries.length === 0)
    throw new TaskFailure('not_found', `No file matches “${where}”.`, { side: 'source' })
  if (entries.length > maxFiles)
    throw new TaskFailure(
      'invalid_data',
      `More than ${maxFiles} files match “${where}”: narrow the wildcard.`,
      {
        side: 'source',
        retryable: false,
      },
    )
  return entries
}

type LookedAt = { entry: { path: string }; shape: FileShape }

const emptyShape: FileShape = { columns: [], length: 0, splits: [] }

/** How sure the types are of a new table that takes its types from the files. */
export function sampleWarnings({ files }: Pick<FoundFiles, 'files'>, mapping: CopySpec['mapping']): string[] {
  const sampled = files.filter(({ shape }) => shape.isSampled)
  const isTyped = mapping?.every(({ sinkType }) => sinkType !== undefined)
  if (sampled.length === 0 || isTyped) return []
  const count = sampled.length === 1 ? 'one file' : `${sampled.length.toLocaleString('en-US')} files`
  return [
    `The new table has types for the values in the first 1 MiB of ${count}: where values of other types may follow, choose the type in the mapping.`,
  ]
}

/** What only some files have was not seen by whoever made the mapping from another one: it is not left out without a word. */
export function requireSeenColumns({ files, columns }: FoundFiles, mapping: CopySpec['mapping']): void {
  if (!mapping) return
  for (const { name } of columns) {
    const lacking = files.find(({ shape }) => !shape.columns.some((column) => column.name === name))
    if (!lacking || mapping.some(({ source }) => source === name)) continue
    const having = files.find(({ shape }) => shape.columns.some((column) => column.name === name))
    throw new TaskFailure(
      'schema_mismatch',
      `File “${having?.entry.path}” has column “${name}”, but “${lacking.entry.path}” has not, and the mapping leaves it out. Map it too: it is NULL for the rows of files without it.`,
      { side: 'source' },
    )
  }
}

/** In the order of the first file; a column may hold NULL where any file says so. Their order may differ. */
function commonColumns(
  files: readonly LookedAt[],
  format: Pick<RowReading, 'commonColumn' | 'mayLackColumns'>,
): PgColumn[] {
  if (!format.mayLackColumns) requireSameColumns(files)
  const all = new Map<string, { found: PgColumn; isDecided: boolean }[]>()
  for (const { columns, undecided } of files.map(({ shape }) => shape))
    for (const found of columns) {
      const same = all.get(found.name) ?? []
      all.set(found.name, same)
      same.push({ found, isDecided: !undecided?.includes(found.name) })
    }
  return [...all.values()].flatMap((same) => {
    const decided = same.flatMap(({ found, isDecided }) => (isDecided ? found : []))
    const common = decided.length > 0 && format.commonColumn ? format.commonColumn(decided) : same[0]?.found
    return common ? { ...common, nullable: same.some(({ found }) => found.nullable) } : []
  })
}

function requireSameColumns(files: readonly LookedAt[]): void {
  const [first] = files
  if (!first) return
  for (const { entry, shape } of files) {
    const odd = shape.columns.find(({ name }) => !first.shape.columns.some((column) => column.name === name))
    const missing = first.shape.columns.find(
      ({ name }) => !shape.columns.some((column) => column.name === name),
    )
    const name = odd?.name ?? missing?.name
    if (name === undefined) continue
    const [has, lacks] = odd ? [entry.path, first.entry.path] : [first.entry.path, entry.path]
    const message = `File “${has}” has column “${name}”, but “${lacks}” has not.`
    throw new TaskFailure('schema_mismatch', message, { side: 'source' })
  }
}
