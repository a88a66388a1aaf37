import { createHash, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import { AgentRefusal } from '@/lib/agent-refusal'
import {
  maxSkewSeconds,
  parseSignatureInput,
  signatureBase,
  type SignatureInput,
} from '@/lib/protocol/signature-base'

/** The headers of a request, lower-case names. */
export type Headers = { readonly [name: string]: string | string[] | undefined }
export type SignatureHeaders = { input: SignatureInput; signature: Buffer; contentDigest: string }
/** All that the signature itself covers: the body counts by its digest, and {@link requireDigest} holds it to that. */
export type SignedHead = {
  method: string
  /** Path as sent; together with an origin it is the `@target-uri`. */
  path: string
  signed: SignatureHeaders
}

const signaturePattern = /^sallyport=:([A-Za-z0-9+/]{86}==):$/
const digestPattern = /^sha-256=:([A-Za-z0-9+/]{43}=):$/

/** Reads the signature of a request before its body is read; refuses what is unsigned, of another form, or out of time. */
export function readSignature(headers: Headers, nowMs: number): SignatureHeaders {
  const input = parseSignatureInput(single(headers, 'signature-input'))
  const signature = signaturePattern.exec(single(headers, 'signature'))?.[1]
  const contentDigest = single(headers, 'content-digest')
  if (!input || !signature || !digestPattern.test(contentDigest))
    throw new AgentRefusal(
      'unsigned',
      'This request needs Signature-Input, Signature and Content-Digest in the form that nodes use (RFC 9421, ed25519)',
    )
  const skewSeconds = Math.round(nowMs / 1000 - input.created)
  if (Math.abs(skewSeconds) > maxSkewSeconds)
    throw new AgentRefusal(
      'clock_skew',
      `The request was signed ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'ago' : 'in the future'} by the portal's clock; at most ${maxSkewSeconds} s are accepted`,
    )
  return { input, signature: Buffer.from(signature, 'base64'), contentDigest }
}

/**
 * Refuses a signature that does not fit, before the body is there. `origins` are the configured names of this portal: the Host
 * header is what a proxy or an attacker makes of it, so it counts for nothing.
 */
export function verifySignature(head: SignedHead, key: KeyObject, origins: readonly string[]): void {
  const { method, path, signed } = head
  const fits = origins.some((origin) => {
    const { contentDigest } = signed
    const base = signatureBase({ method, targetUri: `${origin}${path}`, contentDigest }, signed.input)
    return verify(null, Buffer.from(base), key, signed.signature)
  })
  if (!fits)
    throw new AgentRefusal(
      'bad_signature',
      `The signature does not fit the node's key and any address of this portal (${origins.join(', ')})`,
    )
}

/** A raw 32-byte key, base64url, as a key object; refuses what is none. */
export function ed25519Key(raw: string): KeyObject {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' })
  } catch {
    throw new AgentRefusal('malformed', 'The signing key is not an Ed25519 public key')
  }
}

/** Refuses a body that is not the one that was signed. */
export function requireDigest(body: Uint8Array, { contentDigest }: SignatureHeaders): void {
  const sent = Buffer.from(digestPattern.exec(contentDigest)?.[1] ?? '', 'base64')
  const actual = createHash('sha256').update(body).digest()
  if (sent.length !== actual.length || !timingSafeEqual(sent, actual))
    throw new AgentRefusal('bad_signature', 'Content-Digest does not fit the body')
}

function single(headers: Headers, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}
