import type { z } from 'zod'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { KnownKeys } from '@/lib/auth/known-keys'
import { adoptNextKeys, isSignedByNextKey, isSignedWith } from '@/lib/auth/node-keys'
import { findCaller, meetCaller, type NodeCaller, requireWelcome } from '@/lib/auth/node-caller'
import { newcomerNonceId, replayed, spendNonce } from '@/lib/auth/node-nonces'
import {
  ed25519Key,
  type Headers,
  readSignature,
  type SignedMessage,
  verifySignature,
} from '@/lib/auth/node-signature'
import type { Db } from '@/lib/db/client'
import { translateDatabaseError } from '@/lib/db/database-error'
import type { Endpoint } from '@/lib/protocol/endpoint'

/** A request of a node, whatever carried it. */
export type AgentRequest = {
  method: string
  path: string
  headers: Headers
  /** The client's address, as the portal believes it. */
  address: string
  /** Reads the body, at most so many bytes. */
  readBody: (maxBytes: number) => Promise<Uint8Array>
  /** Aborted when the client is gone. */
  signal: AbortSignal
  /** Does this once the answer was sent: what the node need not wait for. A drain waits for it. */
  afterwards: (work: () => Promise<unknown>) => void
}
export type AgentCall = Pick<AgentRequest, 'address' | 'signal' | 'afterwards'> & {
  /** When the node signed, by its own corrected clock. */
  signedAt: Date
}
export type NodeCall = AgentCall & { node: NodeCaller }
export type AgentRoute = {
  endpoint: Endpoint
  answer: (portal: AgentPortal, request: AgentRequest) => Promise<unknown>
}
/** What the adapter needs to know of the portal. `origins`: every address under which nodes may reach it. */
export type AgentPortal = {
  db: Db
  origins: () => readonly string[]
  now: () => number
  keys: KnownKeys
}

/** A handler for enrolled nodes: signature, replay, revocation and both message shapes are dealt with around it. */
export function agentRoute<Request extends z.ZodType, Response extends z.ZodType>(
  endpoint: Endpoint<Request, Response>,
  handle: (call: NodeCall, body: z.output<Request>) => Promise<z.input<Response>>,
): AgentRoute {
  return {
    endpoint,
    async answer(portal, request) {
      const message = await readSigned(portal, request, endpoint.maxBodyBytes)
      const call = { ...callOf(request, message), node: await authenticate(portal, message) }
      const body = parseBody(endpoint, message.body)
      return endpoint.response.parse(await retryOnce(() => handle(call, body)))
    },
  }
}

/** A handler for machines that are not enrolled yet: they sign with the key that the body presents. */
export function newcomerRoute<Request extends z.ZodType<{ signingKey: string }>, Response extends z.ZodType>(
  endpoint: Endpoint<Request, Response>,
  handle: (call: AgentCall, body: z.output<Request>) => Promise<z.input<Response>>,
): AgentRoute {
  return {
    endpoint,
    async answer(portal, request) {
      const message = await readSigned(portal, request, endpoint.maxBodyBytes)
      const { keyId, nonce } = message.signed.input
      verifySignature(message, ed25519Key(keyId), portal.origins())
      const body = parseBody(endpoint, message.body)
      if (body.signingKey !== keyId)
        throw new AgentRefusal('bad_signature', 'The request is not signed with the key that it presents')
      await spendNonce(portal.db, newcomerNonceId(keyId), nonce)
      return endpoint.response.parse(await retryOnce(() => handle(callOf(request, message), body)))
    },
  }
}

/** The node that signed this message: known, welcome, and heard with it for the first time. */
async function authenticate(portal: AgentPortal, message: SignedMessage): Promise<NodeCaller> {
  const { keyId, nonce } = message.signed.input
  const known = portal.keys.get(keyId)
  // A key that does not fit any more may have been rotated: the database knows.
  if (!known || !isSignedWith(message, known.key, portal.origins()))
    return await authenticateStranger(portal, message)
  const { node, isFresh } = await meetCaller(portal.db, keyId, nonce)
  if (node.signingKey !== known.raw) {
    portal.keys.forget(keyId)
    verifySignature(message, ed25519Key(node.signingKey), portal.origins())
  }
  requireWelcome(node)
  if (!isFresh) throw replayed()
  return node
}

async function authenticateStranger(portal: AgentPortal, message: SignedMessage): Promise<NodeCaller> {
  const { keyId, nonce } = message.signed.input
  const node = await findCaller(portal.db, keyId)
  const byNextKey = isSignedByNextKey(message, node, portal.origins())
  requireWelcome(node)
  await spendNonce(portal.db, keyId, nonce)
  if (byNextKey) await adoptNextKeys(portal.db, node)
  else portal.keys.learn(keyId, node.signingKey)
  return node
}

/** Two transactions that got in each other's way: the second attempt finds the way clear. */
async function retryOnce<Answer>(handle: () => Promise<Answer>): Promise<Answer> {
  try {
    return await handle()
  } catch (error) {
    if (translateDatabaseError(error) !== 'retry') throw error
    return await handle()
  }
}

/** Whatever can be refused by the headers is refused before the body is read. */
async function readSigned(
  portal: AgentPortal,
  request: AgentRequest,
  maxBytes: number,
): Promise<SignedMessage> {
  const signed = readSignature(request.headers, portal.now())
  const body = await request.readBody(maxBytes)
  return { method: request.method, path: request.path, body, signed }
}

function callOf(request: AgentRequest, message: SignedMessage): AgentCall {
  const { address, signal, afterwards } = request
  return { address, signal, afterwards, signedAt: new Date(message.signed.input.created * 1000) }
}

function parseBody<Request extends z.ZodType>(
  endpoint: Endpoint<Request>,
  body: Uint8Array,
): z.output<Request> {
  const parsed = endpoint.request.safeParse(parseJson(body), { error: sayMissing })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') || 'the message'
  throw new AgentRefusal('malformed', `${where}: ${issue?.message ?? 'is not as expected'}`)
}

/** Null: as zod says it. */
function sayMissing({ input }: { input?: unknown }): string | null {
  return input === undefined ? 'It is missing' : null
}

function parseJson(body: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new AgentRefusal('malformed', 'The body is not JSON in UTF-8')
  }
  if (!isStorable(value, 0))
    throw new AgentRefusal(
      'malformed',
      'The body is nested too deeply, or holds NUL or half a surrogate pair',
    )
  return value
}

/** The deepest message of the protocol has about 10 levels. */
const maxDepth = 64

/** PostgreSQL holds neither NUL nor half a surrogate pair in text; and nothing may exhaust the stack further in. */
function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  if (depth === maxDepth) return false
  return Object.entries(value).every(
    ([key, member]) => isStorable(key, depth) && isStorable(member, depth + 1),
  )
}
