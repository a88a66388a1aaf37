import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { and, eq, isNull } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { taskAttempts, tasks } from '@/drizzle/schema/runs'
import { authKeys, nodes, runtimes } from '@/drizzle/schema/runtimes'
import { keyFingerprint } from '@/lib/protocol/fingerprint'
import type { StoreAddress, StoreRef } from '@/lib/protocol/stores'
import type { TaskSpec } from '@/lib/protocol/task'
import { enqueueTasks } from '@/lib/tasks/enqueue'
import { wakeRuntimes } from '@/lib/tasks/wake'
import { type TestAgent, testAgents } from '@/server/test-agent'
import { testChannel } from '@/server/test-channel'

const world = testChannel()
const agents = testAgents()
const patience = { timeout: 60_000 }

/** The key goes by a file, as it should: a command line is open to every user of the machine. */
async function register(agent: TestAgent, ...more: string[]) {
  const file = join(agent.dataDir, 'key')
  await writeFile(file, `${world.authKey}\n`, { mode: 0o600 })
  return await agent.command('register', '--portal', world.origin, '--secret-file', file, ...more)
}
const nodeNamed = async (name: string) =>
  (
    await world.db
      .select()
      .from(nodes)
      .where(and(eq(nodes.name, name), isNull(nodes.removedAt)))
  )[0]

const waitingSince = async (name: string) => (await nodeNamed(name))?.approvalSince ?? null

async function aRunningNode(name: string): Promise<TestAgent> {
  const agent = await agents.make()
  const folder = join(agent.dataDir, 'files')
  await mkdir(folder)
  expect(await register(agent, '--name', name, '--allow-folder', folder)).toMatchObject({ code: 0, err: '' })
  agent.start()
  await expect.poll(async () => (await nodeNamed(name))?.vaultGeneration, patience).toBe(1)
  return agent
}
/** Asks the node to list its allowed folder: the shortest real task. */
const ask = (agent: TestAgent) =>
  enqueue({
    kind: 'browse',
    store: storeAt({ type: 'FileServer', host: join(agent.dataDir, 'files') }),
    path: [],
  })

function storeAt(address: StoreAddress): StoreRef {
  const runtimeId = world.runtime.id
  return {
    linkedServiceId: randomUUID(),
    linkedServiceName: 'store',
    runtimeId,
    address,
    credentialVersion: 0,
  }
}

async function enqueue(spec: TaskSpec): Promise<string> {
  const runtimeId = world.runtime.id
  const [id = ''] = await world.db.transaction((tx) =>
    enqueueTasks(tx, [{ runtimeId, spec, interactive: true }]),
  )
  wakeRuntimes([runtimeId])
  return id
}
const stateOf = async (id: string) => (await world.db.select().from(tasks).where(eq(tasks.id, id)))[0]?.state

test('on Linux a running agent began once more as itself, to give large buffers back', async () => {
  const agent = await aRunningNode('steady')
  const environment = await readFile(`/proc/${agent.pid}/environ`, 'utf8')
  expect(environment.split('\0')).toContain('MALLOC_MMAP_THRESHOLD_=131072')
  expect(await agent.command('status')).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${agent.pid}`),
  })
})

test('agents register by key, found the vault, admit each other, answer, leave', async () => {
  const first = await aRunningNode('plant-a')
  const second = await aRunningNode('plant-b')
  const [runtime] = await world.db.select().from(runtimes).where(eq(runtimes.id, world.runtime.id))
  expect(runtime).toMatchObject({ vaultGeneration: 1 })

  const id = await ask(first)
  await expect.poll(() => stateOf(id), patience).toMatch(/succeeded|failed/)
  expect(await world.db.select().from(taskAttempts)).toMatchObject([{ taskId: id }])

  expect(await first.command('status')).toMatchObject({ code: 0, out: expect.stringContaining('plant-a') })
  const doctor = await first.command('doctor')
  expect(doctor.out).toMatch(/^ok {6}signature/m)
  expect(await first.command('run')).toMatchObject({ code: 1, err: expect.stringContaining('Another agent') })

  first.signal('SIGTERM')
  expect(await first.ended()).toBe(0)
  expect((await first.command('status')).code).not.toBe(0)
  expect(await first.command('unregister')).toMatchObject({ code: 0 })
  expect(await nodeNamed('plant-a')).toBeUndefined()
  // The one that stays makes a key that the one that left cannot read.
  await expect.poll(async () => (await nodeNamed('plant-b'))?.vaultGeneration, patience).toBe(2)
  second.signal('SIGTERM')
  expect(await second.ended()).toBe(0)
}, 180_000)

test('a node of a strict runtime waits until somebody approves its fingerprint on another one', async () => {
  const first = await aRunningNode('plant-a')
  await world.db.update(runtimes).set({ admission: 'strict' })
  const second = await agents.make()
  const registered = await register(second, '--name', 'plant-b')
  const fingerprint = /Fingerprint of its keys: (\S+)/.exec(registered.out)?.[1] ?? ''
  second.start()
  await expect.poll(() => waitingSince('plant-b'), patience).not.toBeNull()
  const [row] = await world.db.select().from(nodes).where(eq(nodes.name, 'plant-b'))
  expect(fingerprint).toBe(await keyFingerprint({ signingKey: '', vaultKey: '', ...row }))
  await expect.poll(async () => (await second.command('status')).out, patience).toContain('is strict')
  expect((await second.command('status')).out).toContain(fingerprint)

  expect(await second.command('approve', fingerprint)).toMatchObject({
    code: 1,
    err: expect.stringContaining('not admitted to the vault itself'),
  })
  expect((await first.command('approve', 'AAAAA-AAAAA-AAAAA-AAAAA')).err).toContain('others do: "plant-b"')
  expect((await first.command('approve', 'nonsense')).err).toContain('is no fingerprint')
  expect(await first.command('approve', fingerprint.toLowerCase())).toMatchObject({
    code: 0,
    out: expect.stringContaining('"plant-b" is approved'),
  })
  await expect.poll(async () => (await nodeNamed('plant-b'))?.vaultGeneration, patience).toBe(1)
  expect(await waitingSince('plant-b')).toBeNull()
}, 180_000)

test('what a machine allows is its own: a host outside is refused with the command that allows it', async () => {
  const agent = await agents.make()
  const wrong = await register(agent, '--name', 'plant-a', '--allow-host', 'https://db')
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('must be a host name') })
  await register(
    agent,
    '--name',
    'plant-a',
    '--allow-host',
    '10.0.0.0/8',
    '--allow-host',
    'db.example.com:5432',
  )
  const policy = (...args: string[]) => agent.command('configure', ...args)
  expect((await policy('--remove-host', '10.0.0.0/8', '--remove-host', 'db.example.com:5432')).err).toContain(
    '--any-host',
  )
  expect((await policy('--remove-host', '192.168.0.0/16')).err).toContain('not among what is allowed')
  expect((await policy('--remove-host', '10.0.0.0/8')).out).toMatch(/^allowed hosts +db\.example\.com:5432$/m)
  agent.start()
  await expect.poll(async () => (await nodeNamed('plant-a'))?.vaultGeneration, patience).toBe(1)
  expect(await nodeNamed('plant-a')).toMatchObject({ policy: { allowedHosts: ['db.example.com:5432'] } })
  expect((await agent.command('status')).out).toContain('db.example.com:5432')

  const id = await enqueue({
    kind: 'browse',
    path: [],
    store: storeAt({
      type: 'PostgreSql',
      host: '127.0.0.1',
      port: 9,
      database: 'd',
      username: 'u',
      sslMode: 'disable',
    }),
  })
  await expect.poll(() => stateOf(id), patience).toBe('failed')
  const [task] = await world.db.select().from(tasks).where(eq(tasks.id, id))
  expect(task?.failure).toMatchObject({
    code: 'policy_denied',
    message: expect.stringContaining('configure --allow-host 127.0.0.1:9'),
  })
}, 180_000)

test('keys rotate beside the running agent, which goes on with the new ones and works after a restart', async () => {
  const agent = await aRunningNode('plant-a')
  const before = await nodeNamed('plant-a')
  const rotated = await agent.command('rotate-keys')
  expect(rotated).toMatchObject({ code: 0, err: '' })
  const after = await nodeNamed('plant-a')
  expect(after).toMatchObject({ nextSigningKey: null, keysSince: expect.any(Date), quarantinedAt: null })
  expect(after?.signingKey).not.toBe(before?.signingKey)
  expect(rotated.out).toContain(await keyFingerprint({ signingKey: '', vaultKey: '', ...after }))
  const id = await ask(agent)
  await expect.poll(() => stateOf(id), patience).toBe('succeeded')
  agent.signal('SIGTERM')
  expect(await agent.ended()).toBe(0)
  agent.start()
  const again = await ask(agent)
  await expect.poll(() => stateOf(again), patience).toBe('succeeded')
}, 180_000)

test('an agent that was killed starts again as the same node, and is not taken for a clone', async () => {
  const agent = await aRunningNode('plant-a')
  agent.signal('SIGKILL')
  expect(await agent.ended()).toBe('SIGKILL')
  agent.start()
  const id = await ask(agent)
  await expect.poll(() => stateOf(id), patience).toBe('succeeded')
  expect(await nodeNamed('plant-a')).toMatchObject({ quarantinedAt: null })
}, 180_000)

test('a node that is removed stops by itself and says so', async () => {
  const agent = await aRunningNode('plant-a')
  await world.db.update(nodes).set({ removedAt: new Date() })
  wakeRuntimes([world.runtime.id])
  expect(await agent.ended()).toBe(1)
  expect(agent.log).toContain('was removed from its integration runtime')
}, 180_000)

test('no key, token or private half is in the log or in what commands print', async () => {
  const agent = await aRunningNode('plant-a')
  agent.signal('SIGTERM')
  await agent.ended()
  const identity = JSON.parse(await agent.read('identity.json')) as Record<string, { privateKey: string }>
  for (const secret of [world.authKey, identity['signing']?.privateKey, identity['vault']?.privateKey])
    expect(agent.log).not.toContain(secret ?? 'missing')
  expect(await agent.read('config.json')).not.toContain(world.authKey)
}, 180_000)

test('a command ends with its own result when nobody reads what it prints', async () => {
  const agent = await aRunningNode('plant-7')
  expect(await agent.unheard('doctor')).toEqual({ code: 0, err: '' })
})

test('register names the step that failed', async () => {
  const agent = await agents.make()
  const by = async (portal: string, ...more: string[]) =>
    (await agent.command('register', '--portal', portal, '--key', world.authKey, ...more)).err
  const closed = await freePort()
  expect(await by('https://portal.invalid')).toMatch(/^Failed \(dns\)/)
  expect(await by(`http://127.0.0.1:${closed}`)).toMatch(/^Failed \(tcp\)/)
  expect(await by('https://sallyport.example.com', '--proxy', `http://127.0.0.1:${closed}`)).toMatch(
    /^Failed \(proxy\)/,
  )
  expect(await by(world.origin.replace('http:', 'https:'))).toMatch(/^Failed \(tls\)/)
  expect(await by('http://sallyport.example.com')).toMatch(/^Failed \(config\)/)
  const stranger = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const { port } = stranger.address() as AddressInfo
  expect(await by(`http://127.0.0.1:${port}`)).toMatch(/^Failed \(portal\).*not Sallyport/)
  stranger.close()
  expect((await agent.command('register', '--portal', world.origin, '--key', 'IR@nonsense')).err).toMatch(
    /^Failed \(key\)/,
  )
  await world.db.delete(authKeys)
  expect(await by(world.origin)).toMatch(/^Failed \(key\).*not valid/)
  expect((await agent.command('run')).err).toMatch(/not registered/)
}, 180_000)

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
