import { randomBytes } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { AgentRefusal } from '@/lib/agent-refusal'
import {
  type AgentPortal,
  type AgentRequest,
  agentRoute,
  type AgentRoute,
  newcomerRoute,
  type NodeCall,
} from '@/lib/agent-route'
import { KnownKeys } from '@/lib/auth/known-keys'
import type { Db } from '@/lib/db/client'
import { databaseTrouble } from '@/lib/db/database-error'
import { log } from '@/lib/log'
import { heartbeat } from '@/lib/nodes/heartbeat'
import { NodeLimiter, taskPace } from '@/lib/nodes/node-limiter'
import { openPollDesk, type PollDesk } from '@/lib/nodes/poll'
import { registerNode } from '@/lib/nodes/register'
import { unregisterNode } from '@/lib/nodes/unregister'
import { type EndpointName, endpoints } from '@/lib/protocol/endpoints'
import { completeTask } from '@/lib/tasks/complete'
import { wake } from '@/lib/tasks/wake'
import { answerVault } from '@/lib/vault/answer'
import { readBody } from '@/server/request-body'

type Work = () => Promise<unknown>

export type AgentChannel = {
  /** Answers everything below `/api/agent/v1/`. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Held polls at this moment. */
  readonly heldCount: number
  /** Looks at the queues now: wake-ups of other processes may have been missed. */
  lookNow: () => void
  /** Answers held polls at once and refuses new requests with 503; resolves when none is under way any more. */
  drain: () => Promise<void>
  close: () => void
}

export type AgentChannelOptions = {
  db: Db
  /**
   * Every address under which nodes may reach this portal, without a slash at the end. Signatures name one of them, so
   * that a request for another portal counts for nothing here.
   */
  origins: () => readonly string[]
  /** How often the queues are looked at, in case a wake-up was missed. */
  lookEveryMs?: number
  /** The clock by which a node asks too often. */
  nowMs?: (() => number) | undefined
}

/** The portal's end of the node channel: every endpoint of the protocol, bound once, on plain node:http. */
export function createAgentChannel(options: AgentChannelOptions): AgentChannel {
  const { db, origins, lookEveryMs = 1000, nowMs } = options
  const portal: AgentPortal = { db, origins, now: () => Date.now(), keys: new KnownKeys() }
  const desk = openPollDesk({ db, lookEveryMs, onError: deskFailed, nowMs })
  const routes = bindRoutes({ db, desk, nowMs })
  const byPath = new Map(Object.values(routes).map((route) => [route.endpoint.path, route]))
  const underWay = new Set<Promise<void>>()
  let draining = false

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const later: Work[] = []
    try {
      if (draining) throw new AgentRefusal('draining', 'The portal restarts. Ask again soon', 1)
      const route = routeFor(byPath, request)
      const asked = {
        ...toAgentRequest(request, response),
        afterwards: (work: Work) => void later.push(work),
      }
      sendAnswer(response, await route.answer(portal, asked))
    } catch (error) {
      sendRefusal(request, response, toRefusal(error))
    }
    for (const work of later)
      await work().catch((err: unknown) => log.error({ err }, 'work after an answer failed'))
  }

  return {
    async handle(request, response) {
      const served = serve(request, response)
      underWay.add(served)
      await served.finally(() => underWay.delete(served))
    },
    get heldCount() {
      return desk.heldCount
    },
    lookNow: () => desk.lookNow(),
    async drain() {
      draining = true
      desk.drain()
      await Promise.all(underWay)
    },
    close: () => desk.close(),
  }
}

function deskFailed(err: unknown): void {
  log.error({ err }, 'the poll desk could not read the queue')
}

type Bound = { db: Db; desk: PollDesk; nowMs: (() => number) | undefined }

/** Typed by the protocol: an endpoint without handler, or a handler without endpoint, does not compile. */
function bindRoutes({ db, desk, nowMs }: Bound): Record<EndpointName, AgentRoute> {
  const heartbeats = new NodeLimiter('sends heartbeats', nowMs)
  const completions = new NodeLimiter('reports ends of tasks', nowMs)
  const vaultRequests = new NodeLimiter('asks about the vault', nowMs)
  return {
    register: newcomerRoute(endpoints.register, (call, body) => registerNode(db, call, body)),
    poll: agentRoute(endpoints.poll, desk.poll),
    heartbeat: agentRoute(endpoints.heartbeat, async (call, body) => {
      take(heartbeats, call)
      return await heartbeat(db, call, body)
    }),
    complete: agentRoute(endpoints.complete, async (call, body) => {
      take(completions, call)
      wake(await completeTask(db, call.node, body))
      return { accepted: true as const }
    }),
    vault: agentRoute(endpoints.vault, async (call, body) => {
      take(vaultRequests, call)
      return await answerVault(db, call, body)
    }),
    unregister: agentRoute(endpoints.unregister, (call, body) => unregisterNode(db, call, body)),
  }
}

function take(limiter: NodeLimiter, { node }: NodeCall): void {
  limiter.take(node.nodeId, taskPace(node.slotsTotal))
}

function routeFor(byPath: Map<string, AgentRoute>, request: IncomingMessage): AgentRoute {
  const route = byPath.get(request.url ?? '')
  if (!route) throw new AgentRefusal('not_found', 'There is no such endpoint')
  if (request.method !== 'POST') throw new AgentRefusal('wrong_method', 'Use POST')
  if (!/^application\/json(?:;\s*charset=utf-8)?$/i.test(request.headers['content-type'] ?? ''))
    throw new AgentRefusal('unsupported_media', 'Use Content-Type: application/json')
  if (request.headers['content-encoding'] !== undefined)
    throw new AgentRefusal('unsupported_media', 'Send the body without Content-Encoding')
  return route
}

function toAgentRequest(
  request: IncomingMessage,
  response: ServerResponse,
): Omit<AgentRequest, 'afterwards'> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    address: clientAddress(request),
    readBody: (maxBytes) => readBody(request, maxBytes),
    signal: gone.signal,
  }
}

/** server/main.ts overwrites X-Forwarded-For with the one address that it believes. */
function clientAddress({ headers, socket }: IncomingMessage): string {
  const forwarded = headers['x-forwarded-for']
  return (typeof forwarded === 'string' && forwarded) || (socket.remoteAddress ?? '')
}

/** Proxies neither keep nor collect what nodes are told. */
const commonHeaders = { 'cache-control': 'no-store', 'x-accel-buffering': 'no' }

function sendAnswer(response: ServerResponse, answer: unknown): void {
  if (answer === null) {
    response.writeHead(204, commonHeaders).end()
    return
  }
  const body = Buffer.from(JSON.stringify(answer))
  response
    .writeHead(200, { ...commonHeaders, 'content-type': 'application/json', 'content-length': body.length })
    .end(body)
}

function sendRefusal(request: IncomingMessage, response: ServerResponse, refusal: AgentRefusal): void {
  const { code, message, retryAfterSeconds, status } = refusal
  const body = Buffer.from(JSON.stringify({ error: { code, message } }))
  const headers: OutgoingHttpHeaders = {
    ...commonHeaders,
    'content-type': 'application/json',
    'content-length': body.length,
  }
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds)
  if (code === 'wrong_method') headers['allow'] = 'POST'
  // What was not read must not be taken for the next request.
  if (!request.complete) headers['connection'] = 'close'
  response.writeHead(status, headers).end(body)
}

function toRefusal(error: unknown): AgentRefusal {
  if (error instanceof AgentRefusal) return error
  const ref = randomBytes(4).toString('hex')
  const trouble = databaseTrouble(error)
  if (trouble !== null) {
    // One line: a fleet asks again and again, and the same disk may hold the log.
    log.error({ ref, reason: innermost(error) }, 'the agent channel cannot use the database')
    return new AgentRefusal('unavailable', `${trouble} (ref ${ref})`, 2)
  }
  log.error({ err: error, ref }, 'unexpected error in the agent channel')
  return new AgentRefusal('internal', `Something went wrong. The portal's log knows it as ${ref}`)
}

/** The database's or the network's own words, without the statement around them. */
function innermost(error: unknown): string {
  for (let at = error; ; at = at.cause) {
    if (!(at instanceof Error)) return typeof at
    if (!(at.cause instanceof Error)) return at.message
  }
}
