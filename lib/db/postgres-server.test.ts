import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres, withDatabase } from '@/lib/db/postgres-server'

const quick = { fsync: 'off' }
let folder: string
let servers: PostgresServer[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-pg-'))
  servers = []
})
afterEach(async () => {
  for (const server of servers) await server.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(options: { dataDir?: string; port?: number } = {}): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir: join(folder, 'store'), settings: quick, ...options })
  servers.push(server)
  return server
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

describe('startPostgres()', () => {
  test('keeps its data, its password and its secrets to itself over a stop', async () => {
    const first = await start()
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS seven')
    await first.stop()
    await first.exited
    const second = await start({ port: first.port })
    expect(second.url).toBe(first.url)
    expect(await query(second.url, 'SELECT seven FROM kept')).toEqual([7])
    expect((await stat(join(folder, 'store', 'password'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'store'))).mode & 0o777).toBe(0o700)
  })

  test('asks everybody for the password and listens on loopback only', async () => {
    const { url } = await start()
    const wrong = new URL(url)
    wrong.password = 'wrong'
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
    expect(await query(url, 'SHOW listen_addresses')).toEqual(['127.0.0.1'])
    expect(await query(withDatabase(url, 'postgres'), 'SHOW server_encoding')).toEqual(['UTF8'])
  })

  test('comes back with what was committed after its postmaster was killed', async () => {
    const first = await start()
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS seven')
    await first.kill()
    const second = await start({ port: first.port })
    expect(second.pid).not.toBe(first.pid)
    expect(await query(second.url, 'SELECT seven FROM kept')).toEqual([7])
  })

  test('runs below a folder that nobody but its owner may enter', async () => {
    const closed = join(folder, 'closed')
    await mkdir(closed)
    await chmod(closed, 0o700)
    const { url } = await start({ dataDir: join(closed, 'deep', 'store') })
    expect(await query(url, 'SELECT 1')).toEqual([1])
  })

  test('says which setting it does not understand', async () => {
    const dataDir = join(folder, 'store')
    await expect(startPostgres({ dataDir, settings: { shared_buffers: 'lots' } })).rejects.toThrow(
      /shared_buffers/,
    )
  })

  test('ends when its owner is killed, and the next owner waits for that', async () => {
    const dataDir = join(folder, 'store')
    const script = `
      import { startPostgres } from '@/lib/db/postgres-server'
      const { pid } = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, settings: { fsync: 'off' } })
      process.stdout.write(String(pid))
      setInterval(() => {}, 1000)`
    const flags = ['--import', './server/cli/typescript.mjs', '--input-type=module', '--eval', script]
    const owner = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [pid] = (await once(owner.stdout, 'data')) as [Buffer]
    owner.kill('SIGKILL')
    const next = await start({ dataDir })
    expect(next.pid).not.toBe(Number(pid))
    expect(await query(next.url, 'SELECT 1')).toEqual([1])
  })
})
