import { createHash, generateKeyPairSync, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto'
import type { z } from 'zod'
import { type EndpointName, endpoints } from '@/lib/protocol/endpoints'
import { type RegisterRequest, vaultKeyBindingText } from '@/lib/protocol/enrolment'
import { signatureBase, signatureParameters } from '@/lib/protocol/signature-base'
import { storeTypes } from '@/lib/protocol/stores'
import { taskKinds } from '@/lib/protocol/task'

/** A node as tests play it: real keys, real signatures, real HTTP, and every way to get a request wrong. */
export type TestKeys = { signing: KeyObject; signingKey: string; vaultKey: string; vaultKeySignature: string }
export type Answer = { status: number; headers: Headers; body: unknown }
/** What to change between signing and sending. */
export type Twist = {
  created?: number
  nonce?: string
  keyId?: string
  path?: string
  method?: string
  origin?: string
  contentType?: string | null
  signedBody?: string
  headers?: (headers: Record<string, string>) => void
  signal?: AbortSignal
}

export function makeTestKeys(): TestKeys {
  const signing = generateKeyPairSync('ed25519')
  const signingKey = rawPublic(signing.publicKey)
  const vaultKey = rawPublic(generateKeyPairSync('x25519').publicKey)
  const binding = Buffer.from(vaultKeyBindingText(signingKey, vaultKey))
  const vaultKeySignature = sign(null, binding, signing.privateKey).toString('base64url')
  return { signing: signing.privateKey, signingKey, vaultKey, vaultKeySignature }
}

export class TestNode {
  readonly keys: TestKeys
  readonly origin: string
  readonly incarnation = randomUUID()
  nodeId = ''

  constructor(origin: string, keys = makeTestKeys()) {
    this.origin = origin
    this.keys = keys
  }

  get keyId(): string {
    return this.nodeId || this.keys.signingKey
  }

  /** Signed and sent as it is: text, bytes or JSON. */
  async send(path: string, body: unknown, twist: Twist = {}): Promise<Answer> {
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const text = raw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body)
    const url = `${this.origin}${path}`
    const response = await fetch(url, {
      method: twist.method ?? 'POST',
      headers: this.signedHeaders(path, twist.signedBody ?? text, twist),
      ...(twist.method !== 'GET' && { body: text }),
      ...(twist.signal && { signal: twist.signal }),
    })
    const answer = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: answer === '' ? null : JSON.parse(answer),
    }
  }

  async call<Name extends EndpointName>(
    name: Name,
    body: z.input<(typeof endpoints)[Name]['request']>,
    twist: Twist = {},
  ): Promise<Answer> {
    return await this.send(endpoints[name].path, body, twist)
  }

  async register(proof: RegisterRequest['proof'], more: Partial<RegisterRequest> = {}): Promise<Answer> {
    const answer = await this.call('register', { ...this.registration(proof), ...more })
    const registered = endpoints.register.response.safeParse(answer.body)
    if (registered.success) this.nodeId = registered.data.nodeId
    return answer
  }

  registration(proof: RegisterRequest['proof']): RegisterRequest {
    const { signingKey, vaultKey, vaultKeySignature } = this.keys
    return {
      proof,
      signingKey,
      vaultKey,
      vaultKeySignature,
      nodeName: 'plant-7',
      slots: 4,
      machine: testMachine,
      capabilities: { taskKinds: [...taskKinds], storeTypes: [...storeTypes] },
    }
  }

  poll(more: Partial<z.input<typeof endpoints.poll.request>> = {}): Promise<Answer> {
    return this.call('poll', {
      slots: { total: 4, free: 4 },
      interactiveFree: 4,
      running: [],
      incarnation: this.incarnation,
      vaultVersion: '1000',
      holdMs: 0,
      ...more,
    })
  }

  signedHeaders(path: string, body: string | Uint8Array, twist: Twist = {}): Record<string, string> {
    const contentDigest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
    const input = {
      created: twist.created ?? Math.floor(Date.now() / 1000),
      nonce: twist.nonce ?? randomBytes(16).toString('base64url'),
      keyId: twist.keyId ?? this.keyId,
    }
    const targetUri = `${twist.origin ?? this.origin}${twist.path ?? path}`
    const base = signatureBase({ method: 'POST', targetUri, contentDigest }, input)
    const headers: Record<string, string> = {
      'content-digest': contentDigest,
      'signature-input': `sallyport=${signatureParameters(input)}`,
      signature: `sallyport=:${sign(null, Buffer.from(base), this.keys.signing).toString('base64')}:`,
    }
    const contentType = twist.contentType === undefined ? 'application/json' : twist.contentType
    if (contentType !== null) headers['content-type'] = contentType
    twist.headers?.(headers)
    return headers
  }
}

export const testMachine: RegisterRequest['machine'] = {
  hostName: 'plant-7.example.com',
  platform: 'linux',
  arch: 'x64',
  osRelease: '6.1',
  cpuCount: 2,
  memoryTotalBytes: '8589934592',
  agentVersion: '0.1.0',
  nodeVersion: '24.0.0',
  keyProtection: 'file',
}

function rawPublic(key: KeyObject): string {
  const { x } = key.export({ format: 'jwk' })
  if (!x) throw new Error('Not a raw public key')
  return x
}
