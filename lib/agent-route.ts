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
  requireDigest,
  type SignedHead,
  verifySignature,
} from '@/lib/auth/node-signature'
import type { Db } from '@/lib/db/client'
import { translateDatabaseError } from '@/lib/db/database-error'
import type { Endpoint } from '@/lib/protocol/endpoint'
import { isStorable } from '@/lib/storable'

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
      const head = readHead(portal, request)
      const signer = await recognise(portal, head)
      const bytes = await readBody(request, head, endpoint.maxBodyBytes)
      const call = { ...callOf(request, head), node: await meet(portal, head, signer) }
      const body = parseBody(endpoint, bytes)
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
      const head = readHead(portal, request)
      const { keyId, nonce } = head.signed.input
      verifySignature(head, ed25519Key(keyId), portal.origins())
      const body = parseBody(endpoint, await readBody(request, head, endpoint.maxBodyBytes))
      if (body.signingKey !== keyId)
        throw new AgentRefusal('bad_signature', 'The request is not signed with the key that it presents')
      await spendNonce(portal.db, newcomerNonceId(keyId), nonce)
      return endpoint.response.parse(await retryOnce(() => handle(callOf(request, head), body)))
    },
  }
}

/**
 * Whether a welcome node signed, so that strangers cannot fill the memory with bodies. Answers the key that this process
 * knew, or null where the database had to be asked.
 */
async function recognise(portal: AgentPortal, head: SignedHead): Promise<string | null> {
  const { keyId } = head.signed.input
  const known = portal.keys.get(keyId)
  if (known && isSignedWith(head, known.key, portal.origins())) return known.raw
  // A key that does not fit any more may have been rotated: the database knows.
  const node = await findCaller(portal.db, keyId)
  isSignedByNextKey(head, node, portal.origins())
  requireWelcome(node)
  return null
}

/** The node as it is once its body has come: still known by the same key, still welcome, and heard with this for the first time. */
async function meet(portal: AgentPortal, head: SignedHead, knownKey: string | null): Promise<NodeCaller> {
  const { keyId, nonce } = head.signed.input
  const { node, isFresh } = await meetCaller(portal.db, keyId, nonce)
  const byKnownKey = node.signingKey === knownKey
  if (!byKnownKey) portal.keys.forget(keyId)
  const byNextKey = !byKnownKey && isSignedByNextKey(head, node, portal.origins())
  requireWelcome(node)
  if (!isFresh) throw replayed()
  if (byNextKey) await adoptNextKeys(portal.db, node)
  else if (!byKnownKey) portal.keys.learn(keyId, node.signingKey)
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

function readHead(portal: AgentPortal, { method, path, headers }: AgentRequest): SignedHead {
  return { method, path, signed: readSignature(headers, portal.now()) }
}

async function readBody(request: AgentRequest, head: SignedHead, maxBytes: number): Promise<Uint8Array> {
  const body = await request.readBody(maxBytes)
  requireDigest(body, head.signed)
  return body
}

function callOf({ address, signal, afterwards }: AgentRequest, { signed }: SignedHead): AgentCall {
  return { address, signal, afterwards, signedAt: new Date(signed.input.created * 1000) }
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
  if (!isStorable(value))
    throw new AgentRefusal(
      'malformed',
      'The body is nested too deeply, or holds NUL or half a surrogate pair',
    )
  return value
}
