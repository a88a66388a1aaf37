import { mkdir, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** In the form of a staged file, so that it is no data and is found with them; no epoch is 0. */
function markName(runId: string): string {
  return `.folder.${runId}.0.0.0.partial`
}

export function isFolderMark(location: string): boolean {
  return /^\.folder\.[^.]+\.0\.0\.0\.partial$/.test(basename(location))
}

/**
 * Makes a folder and those above it. Each that was not there gets a mark of the run, until the run is published or cleaned up:
 * another node, or a later attempt, must know it from a folder that somebody else made.
 */
export async function makeFolder(folder: string, runId: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let at = folder; at.length >= first.length; at = dirname(at))
    await writeFile(join(at, markName(runId)), '')
}

/** Takes the marks away, and with them the folders that hold nothing else: those below `folder`, itself, and those above it. */
export async function removeMadeFolders(
  { folder, runId }: { folder: string; runId: string },
  marks: readonly string[],
): Promise<void> {
  const deepestFirst = marks.map((mark) => dirname(mark)).toSorted((a, b) => b.length - a.length)
  for (const made of deepestFirst) await removeMade(made, runId)
  for (let at = dirname(folder); await isMarked(at, runId); at = dirname(at)) await removeMade(at, runId)
}

async function removeMade(folder: string, runId: string): Promise<void> {
  await rm(join(folder, markName(runId)), { force: true })
  await rmdir(folder).catch(() => {}) // somebody has put something into it
}

function isMarked(folder: string, runId: string): Promise<boolean> {
  return stat(join(folder, markName(runId))).then(
    () => true,
    () => false,
  )
}
