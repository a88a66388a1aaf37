import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { createServer, Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import {
  ensureCluster,
  ensurePassword,
  exitCode,
  type Place,
  plainEnvironment,
  preparePlace,
  readTail,
  user,
  whereabouts,
} from '@/lib/db/postgres-cluster'

export type PostgresServer = {
  /** Connection string of the server's own database, with its password. */
  url: string
  port: number
  /** The postmaster. */
  pid: number
  /** Settles when the server has ended, whoever ended it. */
  exited: Promise<void>
  /** Ends sessions, writes everything down, and waits until it is gone. */
  stop(): Promise<void>
  /** Kills the postmaster as a crash would; waits until it is gone. */
  kill(): Promise<void>
}

export type StartPostgresOptions = {
  /** Everything of this server lives here: data, password, log. Made when missing. */
  dataDir: string
  /** A free one when left out. */
  port?: number | undefined
  /** `postgresql.conf` settings. */
  settings?: Record<string, string | number>
}

/** First crash recovery of a big store may be slow; PostgreSQL's own pg_ctl gives up after the same time. */
const startTimeoutMs = 60_000
const pollMs = 10

/**
 * Starts a real PostgreSQL on loopback in `dataDir`, making it first when it is new. The server never outlives this process.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<PostgresServer> {
  const place = await preparePlace(options.dataDir)
  const password = await ensurePassword(place)
  await ensureCluster(place, options.settings?.['fsync'] !== 'off')
  await awaitPredecessor(place)
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const port = options.port ?? (await findFreePort())
    const attempt = await launch(place, port, options.settings ?? {})
    if (attempt.ok) return connectable(attempt, { port, password })
    // A port that somebody else took meanwhile, or shared memory of a killed server that is still being let go.
    const passing =
      /pre-existing shared memory/.test(attempt.log) || (!options.port && /could not bind/.test(attempt.log))
    if (!passing || Date.now() > deadline) {
      throw new Error(`PostgreSQL in ${place.dataDir} did not start:\n${attempt.log.trim()}`)
    }
    await sleep(100)
  }
}

/** The same server's connection string for another of its databases. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

/**
 * The server of a process that was killed sees its end and stops; give it the time, then say who is in the way.
 * Only when no process of it is left may its lock file go: the number in it may be a stranger's by now, and
 * PostgreSQL would then refuse to start.
 */
async function awaitPredecessor(place: Place): Promise<void> {
  if (process.platform !== 'linux') return
  const deadline = Date.now() + 15_000
  for (;;) {
    const pid = await findServerProcess(place)
    if (!pid) return rm(join(place.data, 'postmaster.pid'), { force: true })
    if (Date.now() > deadline) {
      throw new Error(
        `${place.dataDir} is in use by another process (PostgreSQL, process ${pid}): stop that one first`,
      )
    }
    await sleep(50)
  }
}

/** Every process of a PostgreSQL server works inside its data folder. */
async function findServerProcess({ data }: Place): Promise<string | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const working = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  const inside = pids.filter((_, index) => working[index] === data)
  for (const pid of inside) {
    if ((await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).startsWith('postgres')) return pid
  }
  return undefined
}

/** Lines of postmaster.pid: 1 the process, 8 its state (PostgreSQL: src/include/utils/pidfile.h). */
async function readPidFile(place: Place) {
  const lines = (await readFile(join(place.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return lines[0] ? { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' } : null
}

/** The shell ends the server when our end of its standard input closes: also when we are killed. */
const guard = `
exec 3<&0
"$@" </dev/null & server=$!
( read -r _ <&3; kill -INT $server 2>/dev/null ) & watch=$!
wait $server; code=$?
kill $watch 2>/dev/null
exit $code`

type Launched = { ok: true; child: ChildProcess; pid: number } | { ok: false; log: string }

async function launch(
  place: Place,
  port: number,
  settings: Record<string, string | number>,
): Promise<Launched> {
  const own = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port, max_connections: 200 }
  const flags = Object.entries({ ...own, log_checkpoints: 'off', ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const log = await open(place.log, 'w', 0o600)
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      guard,
      'sallyport-postgres',
      join(place.bin, 'postgres'),
      '-D',
      whereabouts(place, place.data),
      ...flags,
    ],
    // Its own process group: Ctrl-C in a terminal must reach the portal only, which then stops it in order.
    {
      cwd: place.data,
      env: plainEnvironment,
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
      ...place.account,
    },
  )
  await log.close()
  const ended = exitCode(child)
  for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline;) {
    const code = await Promise.race([ended, sleep(pollMs, 'running' as const)])
    if (code !== 'running') return { ok: false, log: await readTail(place.log) }
    const file = await readPidFile(place)
    if (file?.ready) return { ok: true, child, pid: file.pid }
  }
  child.stdin?.end()
  await ended
  return { ok: false, log: await readTail(place.log) }
}

async function connectable(
  { child, pid }: { child: ChildProcess; pid: number },
  { port, password }: { port: number; password: string },
): Promise<PostgresServer> {
  const ended = exitCode(child).then(() => undefined)
  const end = async (signal: 'SIGINT' | 'SIGKILL') => {
    child.ref()
    if (child.exitCode === null && child.signalCode === null) sendSignal(pid, signal)
    await ended
  }
  const url = `postgresql://${user}:${password}@127.0.0.1:${port}/${user}`
  await ensureDatabase(url).catch(async (error: unknown) => {
    await end('SIGINT')
    throw error
  })
  // An owner that has nothing else to do may end; the server then ends with it.
  child.unref()
  if (child.stdin instanceof Socket) child.stdin.unref()
  return { url, port, pid, exited: ended, stop: () => end('SIGINT'), kill: () => end('SIGKILL') }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: withDatabase(url, 'postgres') })
  await client.connect()
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [user])
  if (rowCount === 0) await client.query(`CREATE DATABASE ${user}`)
  await client.end()
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (!address || typeof address === 'string') throw new Error('Cannot find a free port')
  return address.port
}
