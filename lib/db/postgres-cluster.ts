import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Account, findBinaries, serverAccount } from '@/lib/db/postgres-binaries'

/** The folder of a server and who runs it. */
export type Place = { dataDir: string; data: string; bin: string; account: Account | null; log: string }

/** Role and database of Sallyport in a server of its own. */
export const user = 'sallyport'

export async function preparePlace(folder: string): Promise<Place> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const dataDir = await realpath(folder)
  const data = join(dataDir, 'data')
  const account = await serverAccount(data)
  if (account) await chown(dataDir, account.uid, account.gid)
  await chmod(dataDir, 0o700)
  return {
    dataDir,
    data,
    bin: join(await findBinaries(account), 'bin'),
    account,
    log: join(dataDir, 'postgres.log'),
  }
}

export async function ensurePassword({ dataDir, account }: Place): Promise<string> {
  const path = join(dataDir, 'password')
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (kept) return kept.trim()
  const password = randomBytes(24).toString('base64url')
  const file = await open(path, 'w', 0o600)
  await file.writeFile(`${password}\n`)
  if (account) await file.chown(account.uid, account.gid)
  await file.close()
  return password
}

const initdbFlags = [
  `--username=${user}`,
  '--pwfile=../password',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
]

/**
 * initdb works in a draft folder, so that a cluster either exists as a whole or not at all. `durable`: it survives a
 * power cut, which costs time that a throw-away server saves.
 */
export async function ensureCluster(place: Place, durable: boolean): Promise<void> {
  if (await stat(join(place.data, 'PG_VERSION')).catch(() => null)) return
  const draft = `${place.data}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  if (place.account) await chown(draft, place.account.uid, place.account.gid)
  const flags = durable ? initdbFlags : [...initdbFlags, '--no-sync']
  const log = await open(place.log, 'w', 0o600)
  const child = spawn(join(place.bin, 'initdb'), ['-D', whereabouts(place, draft), ...flags], {
    cwd: draft,
    env: plainEnvironment,
    stdio: ['ignore', log.fd, log.fd],
    ...place.account,
  })
  const code = await exitCode(child)
  await log.close()
  if (code !== 0) throw new Error(`Cannot make a database in ${place.dataDir}:\n${await readTail(place.log)}`)
  await rename(draft, place.data)
}

/**
 * A server that runs as another user must not need to enter the folders above its data, which may be closed to it
 * (a checkout below /root). It starts inside the folder and names it by the link that Linux keeps for that.
 */
export function whereabouts({ account }: Place, folder: string): string {
  return account && process.platform === 'linux' ? '/proc/self/cwd' : folder
}

export const plainEnvironment = {
  NODE_ENV: 'production',
  PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
  LC_ALL: 'C',
  TZ: 'UTC',
} as const

export async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

export async function readTail(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).slice(-4000)
}
