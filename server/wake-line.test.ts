import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTo, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aPortal, aRuntime, aTenant } from '@/lib/db/test-fixtures'
import { enqueueTasks } from '@/lib/tasks/enqueue'
import { wake } from '@/lib/tasks/wake'
import { anAuthKey } from '@/server/test-channel'
import { TestNode } from '@/server/test-node'
import type { TestPortalNews, TestPortalOrder } from '@/server/test-portal'
import { openWakeLine, type WakeLine, type WakeLineState, wakeLineName } from '@/server/wake-line'

const database = testDatabase({ commits: true })
const anHourMs = 3_600_000

type Elsewhere = { process: ChildProcess; origin: string; states: WakeLineState[]; held: number }
let elsewhere: Elsewhere
let line: WakeLine | undefined
let runtime: Awaited<ReturnType<typeof aRuntime>>
let node: TestNode
const states: WakeLineState[] = []
const open: { close(): void }[] = []

/** Another portal process, where the node polls; `databaseUrl` by which its line goes. */
async function startElsewhere(lineUrl: string, lookEveryMs = anHourMs): Promise<Elsewhere> {
  const child = fork('server/test-portal.ts', [], { execArgv: ['--import', './server/cli/typescript.mjs'] })
  open.push({ close: () => child.kill('SIGKILL') })
  const portal: Elsewhere = { process: child, origin: '', states: [], held: 0 }
  child.on('message', (news: TestPortalNews) => {
    if (news.type === 'listening') portal.origin = news.origin
    else if (news.type === 'line') portal.states.push(news.state)
    else portal.held = news.count
  })
  child.send({ databaseUrl: database.url, lineUrl, lookEveryMs } satisfies TestPortalOrder)
  await expect.poll(() => portal.origin).not.toBe('')
  return portal
}

/** A node that is enrolled at the other process, with its poll held there. */
async function waitingNode() {
  const factory = await aFactory(database.db, await aTenant(database.db))
  runtime = await aRuntime(database.db, factory)
  const authKey = await anAuthKey(database.db, { runtimeId: runtime.id, factoryName: factory.name })
  node = new TestNode(elsewhere.origin)
  await node.register({ by: 'authKey', authKey })
  return await holdPoll()
}

function heldThere(): number {
  elsewhere.process.send('how many?')
  return elsewhere.held
}

async function holdPoll() {
  const answer = node.poll({ holdMs: 30_000 })
  await expect.poll(heldThere).toBe(1)
  return { answer }
}

async function enqueue(): Promise<string> {
  const address = { type: 'FileServer' as const, host: '/data' }
  const store = {
    linkedServiceId: randomUUID(),
    linkedServiceName: 'files',
    runtimeId: runtime.id,
    address,
    credentialVersion: 0,
  }
  const task = {
    runtimeId: runtime.id,
    spec: { kind: 'testConnection' as const, store },
    interactive: true,
  }
  const [id = ''] = await database.db.transaction((tx) => enqueueTasks(tx, [task]))
  return id
}
const wakeNodes = () => wake([{ runtimeId: runtime.id, for: 'tasks' }])
const withTask = (taskId: string) => ({ status: 200, body: { tasks: [{ taskId }] } })

beforeEach(async () => {
  aPortal()
  states.length = 0
  line = openWakeLine({
    url: database.url,
    db: database.db,
    onUp: () => {},
    onState: (state) => states.push(state),
  })
  await expect.poll(() => states).toEqual(['up'])
})
afterEach(async () => {
  await line?.close()
  for (const one of open.splice(0)) one.close()
})

test('what one process queues reaches a node that polls at another one, which never looks at the queue itself', async () => {
  elsewhere = await startElsewhere(database.url)
  await expect.poll(() => elsewhere.states).toEqual(['up'])
  const first = await waitingNode()
  const taskId = await enqueue()
  wakeNodes()
  expect(await first.answer).toMatchObject(withTask(taskId))
})

test('the line is made again when its connection is terminated, and then looks for what it missed', async () => {
  elsewhere = await startElsewhere(database.url)
  await expect.poll(() => elsewhere.states).toEqual(['up'])
  const first = await waitingNode()
  // Nobody is told of this task: only the look at the queue after the gap can find it.
  const missed = await enqueue()
  await database.db.execute(sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = ${wakeLineName} and datname = current_database()`)
  expect(await first.answer).toMatchObject(withTask(missed))
  for (const seen of [states, elsewhere.states]) await expect.poll(() => seen).toEqual(['up', 'down', 'up'])
  const second = await holdPoll()
  const taskId = await enqueue()
  wakeNodes()
  expect(await second.answer).toMatchObject(withTask(taskId))
})

test('behind a pooler that drops notifications the line says so once, and the look at the queue remains', async () => {
  elsewhere = await startElsewhere(await dropNotifications(database.url), 1000)
  await expect.poll(() => elsewhere.states).toEqual(['deaf'])
  const first = await waitingNode()
  const taskId = await enqueue()
  wakeNodes()
  expect(await first.answer).toMatchObject(withTask(taskId))
  expect(elsewhere.states).toEqual(['deaf'])
})

/** A way to the database on which everything passes but notifications, as through PgBouncer in transaction mode. */
async function dropNotifications(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const proxy = createServer((client) => {
    const server = connectTo(Number(port), hostname)
    client.pipe(server)
    passMessages(server, client)
    for (const socket of [client, server]) {
      open.push({ close: () => socket.destroy() })
      socket.on('error', () => {})
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  open.push(proxy)
  const changed = new URL(url)
  changed.port = String((proxy.address() as AddressInfo).port)
  return changed.href
}

/** Messages of PostgreSQL: one byte of type, four of length that count themselves. */
function passMessages(from: Socket, to: Socket): void {
  let bytes = Buffer.alloc(0)
  from.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= 5 && bytes.length > bytes.readUInt32BE(1)) {
      const size = bytes.readUInt32BE(1) + 1
      const message = bytes.subarray(0, size)
      bytes = bytes.subarray(size)
      if (message.toString('latin1', 0, 1) !== 'A') to.write(message)
    }
  })
  from.on('end', () => to.end())
}
