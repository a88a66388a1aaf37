import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { plainEnvironment } from '@/lib/db/postgres-cluster'

let folder: string
let portal: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-early-'))
})
afterEach(() => {
  portal?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Time for a slow machine, and less than the portal would wait for its database. */
const patienceMs = 55_000

/** A place where a database should be: what it does with connections is the test's. */
async function aDatabase(onConnection: (count: number, end: () => void) => void) {
  let count = 0
  const server = createServer((client) => {
    client.on('error', () => {})
    onConnection((count += 1), () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `postgresql://u:p@127.0.0.1:${port}/d`, close: () => server.close() }
}

/** The portal's process as `npm start` runs it. */
function startPortal(settings: Record<string, string>) {
  const own = { SALLYPORT_DATA_DIR: join(folder, 'data'), SALLYPORT_PORT: '0' }
  return spawn(process.execPath, ['--import', './server/cli/typescript.mjs', 'server/main.ts'], {
    stdio: 'ignore',
    env: { ...plainEnvironment, ...own, ...settings },
  })
}

test.each(['refuses every connection', 'takes connections and never answers'])(
  'SIGTERM ends a portal at once whose database %s',
  async (fault) => {
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
    const database = await aDatabase((count, end) => {
      if (fault.startsWith('refuses')) end()
      // A second attempt: the portal waits, and knows that it does.
      if (count > 1 || !fault.startsWith('refuses')) onAsked()
    })
    portal = startPortal({ DATABASE_URL: database.url })
    const ended = once(portal, 'exit')
    await Promise.race([asked, ended])
    portal.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    database.close()
  },
  patienceMs,
)
