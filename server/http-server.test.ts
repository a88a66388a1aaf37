import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createPortalServer, type PortalServer } from '@/server/http-server'

const running: PortalServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.close(100)
})

type Seen = { url: string | undefined; headers: IncomingHttpHeaders; server: Server }

async function startServer({ behindProxy = false } = {}): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = []
  const server = createPortalServer({
    tls: null,
    gate: { behindProxy, dev: false },
    agent: async (req, res) => {
      res.end(`agent ${req.url}`)
    },
    pages: async (req, res) => {
      const { server: own } = req.socket as unknown as { server: Server }
      seen.push({ url: req.url, headers: req.headers, server: own })
      res.end('page')
    },
  })
  running.push(server)
  return { port: await server.listen({ port: 0, host: '127.0.0.1' }), seen }
}

async function send(port: number, asked: string, headers: Record<string, string> = {}) {
  const [method, path = '/factories'] = asked.split(' ')
  const req = request({ port, host: '127.0.0.1', method, path, headers, agent: false }).end()
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  const body = (await res.toArray()).join('')
  return { status: res.statusCode, headers: res.headers, body }
}

describe('the gate', () => {
  test('lets a page be read from anywhere and hides what the client says of itself', async () => {
    const { port, seen } = await startServer()
    const forged = {
      'X-Middleware-Subrequest': 'proxy',
      'x-nextjs-data': '1',
      'X-Nonce': 'mine',
      'x-sallyport-path': '/elsewhere',
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Host': 'evil.example',
      'sec-fetch-site': 'cross-site',
      rsc: '1',
    }
    expect((await send(port, 'GET', forged)).status).toBe(200)
    const headers = seen[0]?.headers ?? {}
    expect(headers).not.toHaveProperty('x-middleware-subrequest')
    expect(headers).not.toHaveProperty('x-nextjs-data')
    expect(headers).toMatchObject({
      rsc: '1',
      'x-sallyport-path': '/factories',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': `127.0.0.1:${port}`,
    })
    expect(headers['x-nonce']).not.toBe('mine')
  })

  test('believes the proxy it stands behind, and of its list only the last entry', async () => {
    const { port, seen } = await startServer({ behindProxy: true })
    const headers = {
      'X-Forwarded-For': '6.6.6.6, 10.0.0.7',
      'X-Forwarded-Host': 'portal.example.com',
      'X-Forwarded-Proto': 'https',
      Origin: 'https://portal.example.com',
    }
    const answer = await send(port, 'POST', headers)
    expect(answer.status).toBe(200)
    expect(answer.headers['strict-transport-security']).toContain('max-age')
    expect(seen[0]?.headers['x-forwarded-for']).toBe('10.0.0.7')
  })

  test.each([
    ['a foreign page', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
    [
      'a page of another program on this machine',
      { Origin: 'http://127.0.0.1:1', 'Sec-Fetch-Site': 'same-site' },
    ],
    ['a hidden origin', { Origin: 'null' }],
    ['a client that says nothing', {}],
  ])('refuses a change that comes from %s', async (_, headers) => {
    const { port, seen } = await startServer()
    const answer = await send(port, 'POST', headers)
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('A change must come from a page of http://127.0.0.1')
    expect(seen).toEqual([])
  })

  test('lets our own page change things', async () => {
    const { port } = await startServer()
    const own = { Origin: `http://127.0.0.1:${port}`, 'Sec-Fetch-Site': 'same-origin' }
    expect((await send(port, 'POST', own)).status).toBe(200)
  })

  test.each([
    ['larger than any form', 413, { 'Content-Length': String(1024 * 1024 + 1) }],
    ['of a length that it does not tell', 411, { 'Transfer-Encoding': 'chunked' }],
  ])('refuses a body %s before it comes', async (_, status, headers) => {
    const { port, seen } = await startServer()
    const req = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/auth/callback/password' })
    for (const [name, value] of Object.entries({ ...headers, Origin: `http://127.0.0.1:${port}` }))
      req.setHeader(name, value)
    req.flushHeaders()
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    expect(res.statusCode).toBe(status)
    req.destroy()
    expect(seen).toEqual([])
  })

  test.each(['/factories/%', '/factories/%ED%A0%80', '/factories/%00', '/factories?q=a%00'])(
    'refuses the address %s',
    async (path) => {
      const { port, seen } = await startServer()
      expect((await send(port, `GET ${path}`)).status).toBe(400)
      expect((await send(port, 'GET /factories?q=%')).status).toBe(200)
      expect(seen).toHaveLength(1)
    },
  )

  test('refuses methods that nobody needs', async () => {
    const { port } = await startServer()
    expect((await send(port, 'TRACE')).status).toBe(405)
    expect((await send(port, 'OPTIONS')).status).toBe(405)
  })

  test.each([
    ['https://elsewhere.example/factories?q=1', '/factories?q=1'],
    ['http://elsewhere.example', '/'],
    ['http://elsewhere.example?q=1', '/?q=1'],
  ])('takes the path out of %s', async (target, path) => {
    const { port, seen } = await startServer()
    expect((await send(port, `GET ${target}`)).status).toBe(200)
    expect(seen[0]?.url).toBe(path)
    const asked = await send(port, 'POST http://elsewhere.example/api/agent/v1/poll')
    expect(asked.body).toBe('agent /api/agent/v1/poll')
  })

  test('answers a request that would become something else as the request that it is', async () => {
    const { port, seen } = await startServer()
    await send(port, 'GET')
    // As Next does with its first request; what it does not know then hangs for ever.
    seen[0]?.server.on('upgrade', () => {})
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' }
    expect((await send(port, 'GET', headers)).body).toBe('page')
    expect((await send(port, 'POST /api/agent/v1/poll', headers)).body).toBe('agent /api/agent/v1/poll')
  })

  test.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1.1 400 .*not well formed/s],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      /^HTTP\/1.1 400 .*not well formed/s,
    ],
    ['large headers', `GET / HTTP/1.1\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`, /^HTTP\/1.1 431 .*too large/s],
  ])('says in words what is wrong with %s', async (_, text, said) => {
    const { port } = await startServer()
    const socket = connect(port, '127.0.0.1')
    socket.write(text)
    expect((await socket.toArray()).join('')).toMatch(said)
  })

  test('ends the connection of who sends a request and then what is none, and keeps nothing of it open', async () => {
    const { port } = await startServer()
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    await once(socket, 'data')
    socket.write('no HTTP\r\n\r\n')
    const rest = (await socket.toArray()).join('')
    expect(rest).toMatch(/^HTTP\/1.1 400 /)
    socket.destroy()
  })

  test('leaves the agent channel to its own signatures', async () => {
    const { port } = await startServer()
    expect((await send(port, 'POST /api/agent/v1/poll')).body).toBe('agent /api/agent/v1/poll')
  })

  test('sends a policy with a new nonce each time, and the same to Next', async () => {
    const { port, seen } = await startServer()
    const policies = [await send(port, 'GET'), await send(port, 'GET')].map(
      ({ headers }) => headers['content-security-policy'],
    )
    expect(policies[0]).toMatch(/script-src 'self' 'nonce-[^']{24}' 'strict-dynamic';/)
    expect(policies[0]).not.toContain('unsafe')
    expect(policies[0]).not.toBe(policies[1])
    expect(seen.map(({ headers }) => headers['content-security-policy'])).toEqual(policies)
  })
})

describe('createPortalServer().close()', () => {
  test('lets a request finish and takes no new one', async () => {
    const entered = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const server = createPortalServer({
      tls: null,
      gate: { behindProxy: false, dev: false },
      agent: async () => {},
      pages: async (_, res) => {
        entered.resolve()
        await gate.promise
        res.end('finished')
      },
    })
    const port = await server.listen({ port: 0, host: '127.0.0.1' })
    const slow = send(port, 'GET')
    await entered.promise
    const closed = server.close(10_000)
    await expect(send(port, 'GET')).rejects.toThrow('ECONNREFUSED')
    gate.resolve()
    expect((await slow).body).toBe('finished')
    await closed
  })

  test('cuts what does not end in time', async () => {
    const entered = Promise.withResolvers<void>()
    const server = createPortalServer({
      tls: null,
      gate: { behindProxy: false, dev: false },
      agent: async () => {},
      pages: async () => entered.resolve(),
    })
    const port = await server.listen({ port: 0, host: '127.0.0.1' })
    const stuck = send(port, 'GET')
    const cut = expect(stuck).rejects.toThrow(/hang up|ECONNRESET/)
    await entered.promise
    await server.close(50)
    await cut
  })

  test('frees its port', async () => {
    const { port } = await startServer()
    await running.pop()?.close(1000)
    const next = createServer().listen(port, '127.0.0.1')
    await once(next, 'listening')
    expect((next.address() as AddressInfo).port).toBe(port)
    next.close()
  })
})
