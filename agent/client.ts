import { createHash, randomBytes } from 'node:crypto'
import { type Dispatcher, request } from 'undici'
import type { z } from 'zod'
import type { Endpoint } from '../lib/protocol/endpoint.ts'
import { AgentError, type AgentErrorCode } from '../lib/protocol/errors.ts'
import { signatureBase, signatureLabel, signatureParameters } from '../lib/protocol/signature-base.ts'
import { AgentFailure, type PortalStep } from './agent-error.ts'

/** The portal's refusal of a request, as it said it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: AgentErrorCode
  readonly status: number
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | null

  constructor(refusal: {
    code: AgentErrorCode
    message: string
    status: number
    retryAfterMs: number | null
  }) {
    super(refusal.message)
    this.code = refusal.code
    this.status = refusal.status
    this.retryAfterMs = refusal.retryAfterMs
  }
}

/** What something between the node and its portal said instead of the portal. */
export class ForeignAnswer extends AgentFailure {
  readonly retryAfterMs: number | null

  constructor(status: number, retryAfterMs: number | null) {
    super('portal', `Something between this machine and the portal answered with HTTP ${status}`)
    this.retryAfterMs = retryAfterMs
  }
}

export type Call = <Request extends z.ZodType, Response extends z.ZodType>(
  endpoint: Endpoint<Request, Response>,
  body: z.input<Request>,
  signal?: AbortSignal,
) => Promise<z.output<Response>>

export type ClientOptions = {
  portalUrl: string
  /** Node id; while registering, the signing key itself. */
  keyId: string
  sign: Sign
  /** While its keys rotate, the portal may know the node by another one. */
  otherKeys?: () => Promise<readonly OtherKey[]>
  dispatcher: Dispatcher
}
type Sign = (bytes: Uint8Array) => Buffer
/** `accepted` is called where the portal took a request that was signed with it. */
export type OtherKey = { sign: Sign; accepted: () => void }

/**
 * Calls the portal, each request signed (RFC 9421). The clock's offset from the portal's is learned from its `Date` when a
 * request is refused for skew, and the request is tried once more: the machine's clock is never set.
 */
export function createClient(options: ClientOptions): Call {
  const origin = new URL(options.portalUrl).origin
  let clockOffsetMs = 0

  return async (endpoint, body, signal) => {
    const parsed = endpoint.request.parse(body)
    const bytes = Buffer.from(JSON.stringify(parsed))
    const send = (sign = options.sign) =>
      exchange({ ...options, sign }, { url: origin + endpoint.path, bytes, clockOffsetMs }, signal)
    let answer = await send()
    if (answer.refusal?.code === 'clock_skew' && answer.date !== null) {
      clockOffsetMs = answer.date - Date.now()
      answer = await send()
    }
    if (answer.refusal?.code === 'bad_signature') answer = (await tryOtherKeys(options, send)) ?? answer
    if (answer.refusal) throw answer.refusal
    const response = endpoint.response.safeParse(answer.json)
    // Whatever is not our portal's answer came from something in between: retryable, whatever its status says.
    if (!response.success)
      throw new AgentFailure(
        'portal',
        `${origin} gave an answer that is not Sallyport's (HTTP ${answer.status})`,
      )
    return response.data
  }
}

/** The answer to the first other key that the portal knows; null where it knows none. */
async function tryOtherKeys(
  { otherKeys }: ClientOptions,
  send: (sign: Sign) => Promise<Answer>,
): Promise<Answer | null> {
  for (const { sign, accepted } of (await otherKeys?.()) ?? []) {
    const answer = await send(sign)
    if (answer.refusal?.code === 'bad_signature') continue
    accepted()
    return answer
  }
  return null
}

type Message = { url: string; bytes: Buffer; clockOffsetMs: number }
type Answer = { status: number; json: unknown; date: number | null; refusal: Refusal | null }

async function exchange(
  options: ClientOptions,
  message: Message,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    const response = await request(message.url, {
      method: 'POST',
      dispatcher: options.dispatcher,
      headers: signedHeaders(options, message),
      body: message.bytes,
      ...(signal && { signal }),
    })
    const text = await response.body.text()
    const status = response.statusCode
    const json = status === 204 ? null : parseJson(text)
    const date = Date.parse(String(response.headers['date'] ?? ''))
    return {
      status,
      json,
      date: Number.isNaN(date) ? null : date,
      refusal: toRefusal(status, json, response.headers),
    }
  } catch (error) {
    const { origin } = new URL(message.url)
    if (!signal?.aborted) throw networkFailure(error, origin)
    if (!isTimeout(signal.reason)) throw error
    throw new AgentFailure('tcp', `Cannot reach ${origin}: it did not answer in time`, error)
  }
}

function signedHeaders({ sign, keyId }: ClientOptions, { url, bytes, clockOffsetMs }: Message) {
  const contentDigest = `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`
  const input = {
    created: Math.floor((Date.now() + clockOffsetMs) / 1000),
    nonce: randomBytes(18).toString('base64url'),
    keyId,
  }
  const base = signatureBase({ method: 'POST', targetUri: url, contentDigest }, input)
  return {
    'content-type': 'application/json',
    'content-digest': contentDigest,
    'signature-input': `${signatureLabel}=${signatureParameters(input)}`,
    signature: `${signatureLabel}=:${sign(Buffer.from(base)).toString('base64')}:`,
  }
}

type Headers = Record<string, string | string[] | undefined>

function toRefusal(status: number, json: unknown, headers: Headers): Refusal | null {
  if (status < 400) return null
  const parsed = AgentError.safeParse(json)
  const retryAfterMs = readRetryAfter(headers)
  if (parsed.success) return new Refusal({ ...parsed.data.error, status, retryAfterMs })
  if (status === 407)
    throw new AgentFailure(
      'proxy',
      'The proxy wants a user name and password: give them in the proxy address',
    )
  throw new ForeignAnswer(status, retryAfterMs)
}

/** Seconds, or a date, which counts from that of the answer: the clock of this machine may differ. */
function readRetryAfter({ 'retry-after': value, date }: Headers): number | null {
  if (typeof value !== 'string') return null
  const isDate = Number.isNaN(Number(value))
  const sentAt = Date.parse(String(date ?? ''))
  const ms = isDate ? Date.parse(value) - (Number.isNaN(sentAt) ? Date.now() : sentAt) : Number(value) * 1000
  return ms >= 0 ? ms : null
}

/** Which step failed, by the codes of Node and undici. */
export function networkFailure(error: unknown, origin: string): AgentFailure {
  if (error instanceof AgentFailure) return error
  const { code, message } = deepest(error)
  const failed = (step: PortalStep, text: string) =>
    new AgentFailure(step, `Cannot reach ${origin}: ${text}`, error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return failed(
      'dns',
      'its name cannot be resolved. Check the address, and the name server of this machine',
    )
  if (/proxy/i.test(message)) return failed('proxy', `the proxy refused (${message})`)
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO|SSL|TLS|EPROTO/.test(code) || /certificate/i.test(message))
    return failed(
      'tls',
      `its certificate is not trusted (${code || message}). Register again with a new enrolment link if the portal got another certificate`,
    )
  return failed(
    'tcp',
    `no connection (${code || message}). Check that the portal runs and that a firewall lets this machine out to it`,
  )
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

function deepest(error: unknown): { code: string; message: string } {
  let found = { code: '', message: String(error) }
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : found.code
    found = { code, message: at.message }
  }
  return found
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
