import { resolve } from 'node:path'
import { AgentFailure } from '../agent-error.ts'
import { type AgentConfig, requireConfig, writeConfig } from '../config.ts'
import { isDataDirLocked } from '../process-lock.ts'
import { type Io, printPairs } from './io.ts'

export type ConfigureOptions = {
  dataDir: string
  allowHost: string[]
  removeHost: string[]
  anyHost: boolean
  allowFolder: string[]
  removeFolder: string[]
}

/** Changes what this machine allows, and prints it as it is now. */
export async function configure(options: ConfigureOptions, io: Io): Promise<void> {
  const { dataDir } = options
  const config = await requireConfig(dataDir)
  const allowedHosts = hostsAfter(config.allowedHosts, options)
  const allowedFolders = changed(
    config.allowedFolders,
    fullPaths(options.allowFolder),
    fullPaths(options.removeFolder),
  )
  const after = { ...config, allowedHosts, allowedFolders }
  await writeConfig(dataDir, after)
  printPairs(io, policyPairs(after))
  if (await isDataDirLocked(dataDir))
    io.out('The agent that runs now keeps what it started with: restart it.')
}

/** What the node allows, in words: for every command that shows it. */
export function policyPairs({
  allowedHosts,
  allowedFolders,
}: Pick<AgentConfig, 'allowedHosts' | 'allowedFolders'>): [string, string][] {
  return [
    ['allowed hosts', allowedHosts.join(', ') || 'any but link-local and cloud metadata addresses'],
    ['allowed folders', allowedFolders.join(', ') || 'none'],
  ]
}

function fullPaths(folders: readonly string[]): string[] {
  return folders.map((folder) => resolve(folder))
}

/** No host in the list means any: nobody should get there by taking the last one out. */
function hostsAfter(
  before: readonly string[],
  { allowHost, removeHost, anyHost }: ConfigureOptions,
): string[] {
  if (anyHost) return []
  const after = changed(before, allowHost, removeHost)
  if (after.length > 0 || before.length === 0) return after
  throw new AgentFailure(
    'config',
    'That would leave no host in the list, which allows every host. Give --any-host if you mean that',
  )
}

function changed(before: readonly string[], added: readonly string[], removed: readonly string[]): string[] {
  const missing = removed.find((item) => !before.includes(item))
  if (missing !== undefined)
    throw new AgentFailure(
      'config',
      `"${missing}" is not among what is allowed: ${before.join(', ') || 'nothing'}`,
    )
  return [...new Set([...before, ...added])].filter((item) => !removed.includes(item))
}
