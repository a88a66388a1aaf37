import { realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { TaskFailure } from '../../copy/failure.ts'
import type { OpenStore } from '../connector.ts'
import { cleanPath } from '../file-names.ts'

/**
 * The linked service's folder on this node. Every path is resolved through its symbolic links and must lie below a folder that
 * the node's own configuration allows: the portal cannot make a node read anything else.
 */
export class AllowedFolder {
  readonly root: string
  readonly #allowed: readonly string[]

  private constructor(root: string, allowed: readonly string[]) {
    this.root = root
    this.#allowed = allowed
  }

  static async open({ address, allowedFolders }: OpenStore): Promise<AllowedFolder> {
    if (address.type !== 'FileServer') throw new Error('a file system store has a folder')
    const folder = address.host
    if (!isAbsolute(folder))
      throw new TaskFailure('policy_denied', `Folder “${folder}” is not an absolute path on the node`)
    const allowed: string[] = []
    for (const candidate of allowedFolders) {
      const real = await realpath(candidate).catch(() => null)
      if (real) allowed.push(real)
    }
    const refusal = `Folder “${folder}” is not among the folders that this node's configuration allows`
    // Nothing is said about what exists outside of them.
    if (
      !allowedFolders.some((candidate) => isBelow(candidate, folder)) &&
      !allowed.some((real) => isBelow(real, folder))
    )
      throw new TaskFailure('policy_denied', refusal)
    const root = await realpath(folder)
    if (!allowed.some((real) => isBelow(real, root))) throw new TaskFailure('policy_denied', refusal)
    return new AllowedFolder(root, allowed)
  }

  /** The real location of a relative path, which need not exist yet. */
  async resolve(path: string): Promise<string> {
    const wanted = join(this.root, ...cleanPath(path).split('/'))
    const real = await realOrParent(wanted)
    if (!this.#allowed.some((allowed) => isBelow(allowed, real)))
      throw new TaskFailure(
        'policy_denied',
        `Path “${path}” leads out of the folders that this node's configuration allows`,
      )
    return real
  }
}

/** Resolves the deepest part that exists; the rest is appended as it is. */
async function realOrParent(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isMissing(error)) throw error
    const parent = dirname(path)
    if (parent === path) throw error
    return join(await realOrParent(parent), path.slice(parent.length))
  }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

export async function exists(location: string): Promise<boolean> {
  return stat(location).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false
      throw error
    },
  )
}
