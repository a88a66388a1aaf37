import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { plainEnvironment } from '@/lib/db/postgres-cluster'
import { startPostgres } from '@/lib/db/postgres-server'
import { type PortalProcess, type PortalReady, startPortalProcess } from '@/server/portal-process'
import { portalUnderTest } from './support/portal'

let folder: string
let running: PortalProcess[]

test.beforeEach(async () => {
  folder = await mkdtemp(join(portalUnderTest().folder, 'process-'))
  running = []
})
test.afterEach(async () => {
  for (const portal of running) await portal.stop()
})

async function start(settings: Record<string, string> = {}): Promise<PortalProcess> {
  const own = { SALLYPORT_DATA_DIR: join(folder, 'data'), SALLYPORT_PORT: '0' }
  const portal = await startPortalProcess({ ...own, ...settings }, join(folder, 'portal.log'))
  running.push(portal)
  return portal
}

function authority(): string {
  return readFileSync(join(folder, 'data', 'tls', 'authority.crt'), 'utf8')
}

/** Asks over TLS and trusts nothing but the portal's own authority. */
function statusOf(portal: PortalReady, path = '/setup'): Promise<number | undefined> {
  const url = new URL(path, portal.localUrl)
  return new Promise((resolve, reject) => {
    const asked =
      url.protocol === 'https:'
        ? getHttps(url, { ca: authority(), agent: false })
        : getHttp(url, { agent: false })
    asked.on('error', reject).on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
  })
}

test('a portal that was killed comes back with its data, keys and certificate', async () => {
  const first = await start()
  const made = authority()
  expect(await statusOf(first)).toBe(200)
  await first.kill()
  const second = await start()
  expect(await statusOf(second)).toBe(200)
  expect(authority()).toBe(made)
  expect(new URL(second.databaseUrl).password).toBe(new URL(first.databaseUrl).password)
  expect(second.setupCode).not.toBe(first.setupCode)
  expect(await second.stop()).toBe(0)
})

test('a portal serves pages again after its embedded PostgreSQL was killed', async () => {
  const portal = await start()
  const pid = Number(
    readFileSync(join(folder, 'data', 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0],
  )
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => statusOf(portal)).toBe(200)
  expect(await portal.stop()).toBe(0)
})

test('a portal whose output nobody reads goes on', async () => {
  const child = spawn(process.execPath, ['--import', './server/cli/typescript.mjs', 'server/main.ts'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...plainEnvironment,
      NEXT_TELEMETRY_DISABLED: '1',
      SALLYPORT_DATA_DIR: join(folder, 'data'),
      SALLYPORT_PORT: '0',
    },
  })
  child.stdout?.destroy()
  child.stderr?.destroy()
  const [ready] = (await once(child, 'message')) as [PortalReady]
  expect(await statusOf(ready)).toBe(200)
  child.kill()
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a second portal on the same data folder is refused in plain words', async () => {
  await start()
  await expect(start()).rejects.toThrow('The portal did not start')
  expect(readFileSync(join(folder, 'portal.log'), 'utf8')).toContain('is in use by another process')
})

test('wrong settings stop the start, and every one of them is named at once', async () => {
  const wrong = {
    SALLYPORT_PORT: 'eight',
    SALLYPORT_LOG_LEVEL: 'loud',
    SALLYPORT_TLS_KEY_FILE: join(folder, 'not-there.pem'),
    SALLYPORT_DATA_DIRECTORY: folder,
    DATABASE_URL: 'mysql://root@localhost/sallyport',
  }
  await expect(start(wrong)).rejects.toThrow('The portal did not start')
  const said = readFileSync(join(folder, 'portal.log'), 'utf8')
  expect(said).toContain('Sallyport cannot start with these settings:')
  for (const problem of [
    'SALLYPORT_PORT must be a whole number from 0 to 65535',
    'SALLYPORT_LOG_LEVEL must be debug, info, warn or error',
    'SALLYPORT_TLS_KEY_FILE names a file that cannot be read',
    'SALLYPORT_DATA_DIRECTORY is not a setting',
    'DATABASE_URL must look like postgresql://',
  ])
    expect(said).toContain(problem)
})

test('a portal uses a given PostgreSQL and leaves it running', async () => {
  const store = await startPostgres({ dataDir: join(folder, 'store') })
  const portal = await start({ DATABASE_URL: store.url })
  expect(await statusOf(portal)).toBe(200)
  expect(await portal.stop()).toBe(0)
  process.kill(store.pid, 0)
  await store.stop()
})

test('a portal behind a proxy speaks plain HTTP, on loopback only', async () => {
  const portal = await start({
    SALLYPORT_BEHIND_PROXY: 'true',
    SALLYPORT_PUBLIC_URL: 'https://portal.example.com',
  })
  expect(portal).toMatchObject({ publicUrl: 'https://portal.example.com' })
  expect(portal.localUrl).toMatch(/^http:\/\/localhost:/)
  expect(await statusOf(portal)).toBe(200)
  expect(await portal.stop()).toBe(0)
})
