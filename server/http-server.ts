import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo, ListenOptions, Socket } from 'node:net'
import { log } from '@/lib/log'
import { agentBasePath } from '@/lib/protocol/version'
import { cleanHeaders, type GateOptions, refusal, secureHeaders } from '@/server/request-gate'
import type { KeyPair } from '@/server/local-authority'

export type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>

export type PortalServerOptions = {
  /** Null: plain HTTP, for a proxy. */
  tls: KeyPair | null
  gate: GateOptions
  /** Everything below `/api/agent/v1/`. */
  agent: Handler
  /** Everything else. */
  pages: Handler
}

export type PortalServer = {
  listen(where: ListenOptions): Promise<number>
  /** Takes a renewed certificate for connections from now on. */
  renew(tls: KeyPair): void
  /** Takes no new connection, lets requests finish for `timeoutMs`, then cuts what is left. */
  close(timeoutMs: number): Promise<void>
}

/** A proxy in between keeps idle connections for up to 60 s; ours must not close first, or a request is lost on the way. */
const keepAliveMs = 75_000
const headersMs = 60_000
/** For a whole request with its body: 8 MiB over a poor line. */
const requestMs = 120_000

export function createPortalServer(options: PortalServerOptions): PortalServer {
  let closing = false
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    if (closing) res.setHeader('Connection', 'close')
    dispatch(req, res, options).catch((error: unknown) => fail(res, error))
  }
  // Next listens for upgrades, and leaves those that it does not know open for ever. Only its development server has any.
  const upgrades = { shouldUpgradeCallback: () => options.gate.dev }
  const server = options.tls
    ? createHttpsServer({ ...options.tls, ...upgrades, minVersion: 'TLSv1.2' }, handle)
    : createHttpServer(upgrades, handle)
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket as Socket))
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.keepAliveTimeout = keepAliveMs
  server.headersTimeout = headersMs
  server.requestTimeout = requestMs
  return {
    async listen(where) {
      server.listen({ ...where, backlog: 1024 })
      await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error
        throw new Error(`Port ${where.port} is taken by another program: set SALLYPORT_PORT to a free one`)
      })
      return (server.address() as AddressInfo).port
    },
    renew(tls) {
      if (isHttps(server)) server.setSecureContext({ ...tls, minVersion: 'TLSv1.2' })
    },
    async close(timeoutMs) {
      closing = true
      await drain(server, sockets, timeoutMs)
    },
  }
}

async function dispatch(
  req: IncomingMessage,
  res: ServerResponse,
  options: PortalServerOptions,
): Promise<void> {
  cleanHeaders(req, options.gate)
  req.url = originForm(req.url ?? '/')
  if (req.url.startsWith(`${agentBasePath}/`)) return options.agent(req, res)
  secureHeaders(req, res, options.gate)
  const refused = refusal(req, options.gate)
  if (refused) return answer(res, refused.status, refused.message)
  return options.pages(req, res)
}

/** A request may name the whole address, as if we were its proxy (RFC 9112, 3.2.2): Next would send its sender there. */
function originForm(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*\/?/i, '/')
}

/** What is no HTTP: Node's own answer has no words. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  const [status, message] = unreadable[error.code ?? ''] ?? [
    '400 Bad Request',
    'The request is not well formed',
  ]
  const body = JSON.stringify({ error: { code: 'malformed', message } })
  const isHttp = !/^(ECONN|EPIPE|ERR_SSL|ERR_TLS)/.test(error.code ?? '')
  if (isHttp && socket.writable && !isAnswering(socket))
    socket.write(
      `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  socket.destroySoon()
}

/** Whether an answer is half way out, as Node notes it at the socket: another one within it would garble it. */
function isAnswering(socket: Socket): boolean {
  const answer: unknown = Reflect.get(socket, '_httpMessage')
  return answer instanceof ServerResponse && answer.headersSent
}

const unreadable: Record<string, [status: string, message: string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The extensions of a chunk are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time'],
}

function answer(res: ServerResponse, status: number, message: string): void {
  // The body was not read: the connection cannot be used for another request.
  res.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' })
  res.end(JSON.stringify({ error: { message } }))
}

function fail(res: ServerResponse, error: unknown): void {
  log.error({ err: error }, 'request failed')
  if (res.headersSent) res.destroy()
  else answer(res, 500, 'The portal failed to answer. Its log tells why')
}

/** A connection becomes idle when its request is answered; nothing tells when, so look often. */
async function drain(server: Server, sockets: Set<Socket>, timeoutMs: number): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  // Destroyed one by one: the server itself forgets those that are still shaking hands.
  const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), timeoutMs)
  await new Promise((resolve) => server.close(resolve))
  clearInterval(sweep)
  clearTimeout(cut)
}

function isHttps(server: Server | HttpsServer): server is HttpsServer {
  return 'setSecureContext' in server
}
