import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { nodes } from '@/drizzle/schema/runtimes'
import { type EndpointName, endpoints } from '@/lib/protocol/endpoints'
import { testChannel } from '@/server/test-channel'
import { TestNode, type Twist } from '@/server/test-node'

const world = testChannel()
const names = Object.keys(endpoints) as EndpointName[]
const seconds = () => Math.floor(Date.now() / 1000)

/** A message that its endpoint takes, for a node that is enrolled (or about to be). */
function validBody(name: EndpointName, node: TestNode): unknown {
  const bodies: Record<EndpointName, unknown> = {
    register: node.registration({ by: 'authKey', authKey: world.authKey }),
    poll: {
      slots: { total: 4, free: 0 },
      interactiveFree: 0,
      running: [],
      incarnation: node.incarnation,
      vaultVersion: '1000',
      holdMs: 0,
    },
    heartbeat: { tasks: [] },
    complete: { taskId: randomUUID(), epoch: 1, outcome: { status: 'released' }, final: {} },
    vault: { op: 'pull', logFrom: 0, credentialsSince: '0' },
    unregister: { reason: 'test' },
  }
  return bodies[name]
}

async function sender(name: EndpointName): Promise<TestNode> {
  return name === 'register' ? new TestNode(world.origin) : await world.enrol()
}

const strip = (name: string): Twist => ({ headers: (headers) => delete headers[name] })
const set = (name: string, value: string): Twist => ({ headers: (headers) => (headers[name] = value) })

const wrongRequests = (): [string, number, string, Twist][] => [
  ['no signature', 401, 'unsigned', strip('signature')],
  ['no signature parameters', 401, 'unsigned', strip('signature-input')],
  ['no content digest', 401, 'unsigned', strip('content-digest')],
  ['another algorithm', 401, 'unsigned', set('signature-input', 'sallyport=();alg="hmac-sha256"')],
  ['a signature of the wrong length', 401, 'unsigned', set('signature', 'sallyport=:AAAA:')],
  ['a wrong signature', 401, 'bad_signature', set('signature', `sallyport=:${'A'.repeat(86)}==:`)],
  ['signed for another portal', 401, 'bad_signature', { origin: 'https://elsewhere.example.com' }],
  ['signed for another endpoint', 401, 'bad_signature', { path: '/api/agent/v1/elsewhere' }],
  ['a changed body', 401, 'bad_signature', { signedBody: '{}' }],
  ['signed too long ago', 401, 'clock_skew', { created: seconds() - 90 }],
  ['signed in the future', 401, 'clock_skew', { created: seconds() + 90 }],
  ['another type', 415, 'unsupported_media', { contentType: 'text/plain' }],
  ['no type', 415, 'unsupported_media', { contentType: null }],
  ['a compressed body', 415, 'unsupported_media', set('content-encoding', 'gzip')],
]
const wrongBodies = [
  ['no JSON', '{'],
  ['nothing', ''],
  ['JSON of another kind', '[]'],
  ['null', 'null'],
  ['a number', '7'],
  ['an object without its members', '{}'],
  ['nested without end', `${'['.repeat(1_500)}${']'.repeat(1_500)}`],
  ['NUL in its text', '{"reason":"\\u0000","op":"\\u0000"}'],
  ['half a surrogate pair', '{"reason":"\\ud800"}'],
] as const

describe.each(names)('the endpoint %s', (name) => {
  const { path, maxBodyBytes } = endpoints[name]

  test('refuses what is not signed, wrongly signed, out of time or of another type, and says which', async () => {
    const node = await sender(name)
    for (const [what, status, code, twist] of wrongRequests()) {
      const answer = await node.send(path, validBody(name, node), twist)
      expect({ what, ...answer }).toMatchObject({
        what,
        status,
        body: { error: { code, message: expect.any(String) } },
      })
      expect(Date.parse(answer.headers.get('date') ?? '')).toBeGreaterThan(0)
    }
  })

  test('refuses bodies that are not its message', async () => {
    for (const [what, body] of wrongBodies) {
      const node = await sender(name)
      const answer = await node.send(path, body)
      // "unregister" needs nothing but an object.
      if (name === 'unregister' && body === '{}') expect(answer.status).toBe(200)
      else
        expect({ what, ...answer }).toMatchObject({
          what,
          status: 400,
          body: { error: { code: 'malformed' } },
        })
    }
  })

  test('refuses the same request a second time', async () => {
    const node = await sender(name)
    const twist = { nonce: 'n'.repeat(22) }
    expect((await node.send(path, validBody(name, node), twist)).status).toBeLessThan(500)
    expect(await node.send(path, validBody(name, node), twist)).toMatchObject({
      status: expect.toSatisfy((status: number) => status === 401 || status === 403),
    })
  })

  test('refuses a body that is too large, whether or not its length is told', async () => {
    const node = await sender(name)
    const large = JSON.stringify({ reason: 'x'.repeat(maxBodyBytes) })
    expect(await node.send(path, large)).toMatchObject({
      status: 413,
      body: { error: { code: 'too_large' } },
    })
    expect(await sendChunked(path, large, node)).toMatch(/^HTTP\/1.1 413 /)
  })

  test('refuses other methods', async () => {
    const node = await sender(name)
    const answer = await node.send(path, '', { method: 'GET' })
    expect(answer).toMatchObject({ status: 405, body: { error: { code: 'wrong_method' } } })
    expect(answer.headers.get('allow')).toBe('POST')
  })
})

describe.each(names.filter((name) => name !== 'register'))('for nodes only: %s', (name) => {
  test('refuses a node that the portal does not know', async () => {
    const stranger = new TestNode(world.origin)
    for (const keyId of [randomUUID(), 'nobody', stranger.keys.signingKey])
      expect(await stranger.send(endpoints[name].path, validBody(name, stranger), { keyId })).toMatchObject({
        status: 401,
        body: { error: { code: 'unknown_node' } },
      })
  })

  test('refuses another key under the name of a node', async () => {
    const node = await world.enrol()
    const thief = new TestNode(world.origin)
    expect(
      await thief.send(endpoints[name].path, validBody(name, thief), { keyId: node.nodeId }),
    ).toMatchObject({ status: 401, body: { error: { code: 'bad_signature' } } })
  })

  test('refuses strangers and what another key signed before their bodies come, let alone are kept', async () => {
    const node = await world.enrol()
    const thief = new TestNode(world.origin)
    const { path, maxBodyBytes } = endpoints[name]
    for (const keyId of [randomUUID(), node.nodeId]) {
      const headers = thief.signedHeaders(path, 'never sent', { keyId })
      const announced = { ...headers, 'content-length': String(maxBodyBytes) }
      expect(await sendRaw(path, announced, [])).toMatch(/^HTTP\/1.1 401 /)
    }
  })

  test.each([
    ['removed', 'revoked', { removedAt: new Date() }],
    ['quarantined', 'quarantined', { quarantinedAt: new Date() }],
  ])('refuses a %s node', async (_, code, change) => {
    const node = await world.enrol()
    await world.db.update(nodes).set(change).where(eq(nodes.id, node.nodeId))
    expect(await node.send(endpoints[name].path, validBody(name, node))).toMatchObject({
      status: 403,
      body: { error: { code } },
    })
  })
})

const beat = (node: TestNode, twist?: Twist) => node.call('heartbeat', { tasks: [] }, twist)
const refusedAs = (status: number, code: string) => ({ status, body: { error: { code } } })

async function aMetNode(): Promise<TestNode> {
  const node = await world.enrol()
  expect((await beat(node)).status).toBe(200)
  return node
}

describe('a node whose key this process has learnt', () => {
  test('is heard once with each message, and nobody else under its name', async () => {
    const node = await aMetNode()
    const twist = { nonce: 'n'.repeat(22) }
    expect((await beat(node, twist)).status).toBe(200)
    expect(await beat(node, twist)).toMatchObject(refusedAs(401, 'replayed'))
    const thief = new TestNode(world.origin)
    expect(await beat(thief, { keyId: node.nodeId })).toMatchObject(refusedAs(401, 'bad_signature'))
    expect((await beat(node)).status).toBe(200)
  })

  test('is judged by the key that the database has now', async () => {
    const node = await aMetNode()
    const renewed = new TestNode(world.origin)
    renewed.nodeId = node.nodeId
    await world.db.update(nodes).set({ signingKey: renewed.keys.signingKey })
    expect(await beat(node)).toMatchObject(refusedAs(401, 'bad_signature'))
    expect((await beat(renewed)).status).toBe(200)
    expect(await beat(node)).toMatchObject(refusedAs(401, 'bad_signature'))
  })

  test('is refused once it is quarantined, removed or deleted', async () => {
    const node = await aMetNode()
    await world.db.update(nodes).set({ quarantinedAt: new Date() })
    expect(await beat(node)).toMatchObject(refusedAs(403, 'quarantined'))
    await world.db.update(nodes).set({ removedAt: new Date() })
    expect(await beat(node)).toMatchObject(refusedAs(403, 'revoked'))
    await world.db.delete(nodes)
    expect(await beat(node)).toMatchObject(refusedAs(401, 'unknown_node'))
  })
})

/** What PostgreSQL says once a table cannot grow. */
const fillDisk = () =>
  world.db.execute(sql`
    create function disk_is_full() returns trigger language plpgsql as $$ begin
      raise exception 'could not extend file "base/1/2": No space left on device' using errcode = 'disk_full';
    end $$;
    create trigger disk_is_full before insert on node_nonces execute function disk_is_full()`)

describe('while the disk of the database is full', () => {
  test.each(names)('a node that sends to %s is told so, and to come again', async (name) => {
    const node = await sender(name)
    await fillDisk()
    const refused = await node.send(endpoints[name].path, validBody(name, node))
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } })
    expect(JSON.stringify(refused.body)).toContain('database cannot write: its disk is full')
    expect(refused.headers.get('retry-after')).toBe('2')
    await world.db.execute(sql`drop trigger disk_is_full on node_nonces`)
    const { status } = await node.send(endpoints[name].path, validBody(name, node))
    expect(status).toBeLessThan(500)
    expect(status).not.toBe(401)
  })
})

test('an unknown path is not found, with or without a signature', async () => {
  const node = await world.enrol()
  for (const path of [
    '/api/agent/v1/other',
    '/api/agent/v1/poll?x=1',
    '/api/agent/v1/',
    '/api/agent/v1/poll/',
  ])
    expect(await node.send(path, {})).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } })
})

test('a node may have reached the portal by another configured name', async () => {
  const node = await world.enrol()
  const answer = await node.call('heartbeat', { tasks: [] }, { origin: 'https://sallyport.example.com' })
  expect(answer.status).toBe(200)
})

test('the Host header counts for nothing', async () => {
  const node = await world.enrol()
  const answer = await node.call(
    'heartbeat',
    { tasks: [] },
    { origin: 'https://evil.example.com', headers: (headers) => (headers['host'] = 'evil.example.com') },
  )
  expect(answer).toMatchObject({ status: 401, body: { error: { code: 'bad_signature' } } })
})

/** Raw, because a client would tell the length. Signed headers, so that the body is read at all. */
async function sendChunked(path: string, body: string, node: TestNode): Promise<string> {
  const parts = body.match(/[^]{1,65536}/g) ?? []
  const chunks = [...parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`), '0\r\n\r\n']
  const headers = { ...node.signedHeaders(path, body), 'transfer-encoding': 'chunked' }
  return await sendRaw(path, headers, chunks)
}

/** Answers the first thing that the portal says. */
async function sendRaw(path: string, headers: Record<string, string>, body: string[]): Promise<string> {
  const { hostname, port } = new URL(world.origin)
  const socket = connect(Number(port), hostname)
  const { promise, resolve } = Promise.withResolvers<string>()
  socket.once('data', (data) => resolve(data.toString()))
  socket.once('error', () => resolve('cut'))
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.write([`POST ${path} HTTP/1.1`, `host: ${hostname}`, ...head, '', ''].join('\r\n'))
  for (const part of body) socket.write(part)
  const answer = await promise
  socket.destroy()
  return answer
}
