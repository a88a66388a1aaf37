import { z } from 'zod'
import type { FileStore } from '../../connectors/connector.ts'
import { cleanPath, type FileFamily, folderOf, joinPath, nameOf } from '../../connectors/file-names.ts'
import { openFileStore } from '../../connectors/registry.ts'
import { openStore } from '../open-store.ts'
import { failureFrom, TaskFailure } from '../failure.ts'
import type { TaskContext } from '../task-context.ts'
import type { FilesSink, FilesSource } from './row-format.ts'

/** What every copy into files keeps in its plan. */
export const FilesSinkEngine = z.object({
  /** Files that the copy may replace, by path, as `checkTargets` saw them. */
  replaces: z.record(z.string(), z.string()),
  /** Files of earlier copies that an overwrite removes, as `findEarlier` saw them. */
  obsolete: z.record(z.string(), z.string()).default({}),
})

/** `<folder>/<name>.parquet`, or with `-00003` before the extension where there is more than one. */
export function targetPaths(sink: FilesSink, extension: string, count: number): string[] {
  const base = basePath(sink, extension)
  return Array.from({ length: count }, (_, index) => {
    const number = count === 1 ? '' : `-${String(index).padStart(5, '0')}`
    return `${base}${number}.${extension}`
  })
}

/** Whom such files belong with, however many parts a copy had. */
export function familyOf(sink: FilesSink, extension: string): FileFamily {
  const base = basePath(sink, extension)
  return { folder: folderOf(base), name: nameOf(base), format: sink.format }
}

function basePath(sink: FilesSink, extension: string): string {
  const given = sink.fileName.endsWith(`.${extension}`)
    ? sink.fileName.slice(0, -extension.length - 1)
    : sink.fileName
  return cleanPath(joinPath(sink.folder, given === '' ? 'part' : given))
}

/** Opens the store of files at one end, closes it afterwards, and says of raw errors which end they came from. */
export async function withFileStore<T>(
  end: FilesSink | FilesSource,
  { side, ctx }: { side: 'source' | 'sink'; ctx: TaskContext },
  work: (store: FileStore) => Promise<T>,
): Promise<T> {
  const object = joinPath(end.container ?? '', end.folder)
  const place = { side, store: end.store.linkedServiceName, object: object === '' ? undefined : object }
  try {
    const store = await openFileStore(await openStore(end.store, ctx))
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  } catch (error) {
    if (ctx.signal.aborted) throw new TaskFailure('cancelled', 'The copy was stopped.', { cause: error })
    throw failureFrom(error, place)
  }
}
