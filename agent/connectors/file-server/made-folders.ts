import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { exists } from './allowed-folder.ts'

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
  // One by one: where a file system takes no folders (/proc), Node's own recursion tries for ever.
  const missing: string[] = []
  for (let at = folder; !(await exists(at)); at = dirname(at)) missing.unshift(at)
  for (const at of missing) if (await makeOne(at)) await writeFile(join(at, markName(runId)), '')
}

/** False where another part was faster. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Takes the marks away, and with them the folders that hold nothing else: those below `folder`, itself, and those above it. */
export async function removeMadeFolders(
  { folder, runId }: { folder: string; runId: string },
  marks: readonly string[],
): Promise<void> {
  const deepestFirst = marks.map((mark) => dirname(mark)).toSorted((a, b) => b.length - a.length)
  for (const made of deepestFirst) await removeMade(made, runId)
  for (let at = dirname(folder); await exists(join(at, markName(runId))); at = dirname(at))
    await removeMade(at, runId)
}

async function removeMade(folder: string, runId: string): Promise<void> {
  await rm(join(folder, markName(runId)), { force: true })
  await rmdir(folder).catch(() => {}) // somebody has put something into it
}
