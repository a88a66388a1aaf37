import { createHash, createPrivateKey, sign, verify } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ed25519Key, readSignature, requireDigest, verifySignature } from '@/lib/auth/node-signature'
import { parseSignatureInput, signatureBase, signatureParameters } from '@/lib/protocol/signature-base'

/** `test-key-ed25519` of RFC 9421, appendix B.1.4. */
const publicKey = 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs'
const privateKey = createPrivateKey({
  key: { kty: 'OKP', crv: 'Ed25519', d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU', x: publicKey },
  format: 'jwk',
})
const origin = 'https://sallyport.example.com'
const path = '/api/agent/v1/heartbeat'
const created = 1_795_341_600
const body = '{"tasks":[]}'

function signed(over: { body?: string; created?: number; target?: string } = {}) {
  const contentDigest = `sha-256=:${createHash('sha256')
    .update(over.body ?? body)
    .digest('base64')}:`
  const input = { created: over.created ?? created, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', keyId: 'plant-7' }
  const base = signatureBase(
    { method: 'POST', targetUri: over.target ?? `${origin}${path}`, contentDigest },
    input,
  )
  return {
    'content-digest': contentDigest,
    'signature-input': `sallyport=${signatureParameters(input)}`,
    signature: `sallyport=:${sign(null, Buffer.from(base), privateKey).toString('base64')}:`,
  }
}
const check = (
  headers: Record<string, string>,
  message: { body?: string; path?: string; origins?: string[] } = {},
) => {
  const head = { method: 'POST', path: message.path ?? path, signed: readSignature(headers, created * 1000) }
  verifySignature(head, ed25519Key(publicKey), message.origins ?? [origin])
  requireDigest(Buffer.from(message.body ?? body), head.signed)
}

test('the key form and the algorithm are those of RFC 9421: its vector B.2.6 verifies', () => {
  const base = [
    '"date": Tue, 20 Apr 2021 02:07:55 GMT',
    '"@method": POST',
    '"@path": /foo',
    '"@authority": example.com',
    '"content-type": application/json',
    '"content-length": 18',
    '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
  ].join('\n')
  const signature = 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=='
  expect(verify(null, Buffer.from(base), ed25519Key(publicKey), Buffer.from(signature, 'base64'))).toBe(true)
})

test('the signature base is what RFC 9421 makes of our profile, byte for byte', () => {
  const { input, contentDigest } = readSignature(signed(), created * 1000)
  expect(signatureBase({ method: 'POST', targetUri: `${origin}${path}`, contentDigest }, input)).toBe(
    [
      '"@method": POST',
      '"@target-uri": https://sallyport.example.com/api/agent/v1/heartbeat',
      '"content-digest": sha-256=:uMzpX5S7OEJEejXK0x1oeJ32NuETU6tKdRedhnYdgEw=:',
      '"@signature-params": ("@method" "@target-uri" "content-digest");created=1795341600;nonce="AAAAAAAAAAAAAAAAAAAAAA";keyid="plant-7";alg="ed25519";tag="sallyport-node/1"',
    ].join('\n'),
  )
})

test('verifySignature() takes what today’s agent signs, and tomorrow’s portal must too', () => {
  expect(() => check(frozen)).not.toThrow()
})

/** Made once by the code above and never changed since. */
const frozen = {
  'content-digest': 'sha-256=:uMzpX5S7OEJEejXK0x1oeJ32NuETU6tKdRedhnYdgEw=:',
  'signature-input':
    'sallyport=("@method" "@target-uri" "content-digest");created=1795341600;nonce="AAAAAAAAAAAAAAAAAAAAAA";keyid="plant-7";alg="ed25519";tag="sallyport-node/1"',
  signature:
    'sallyport=:HL1cDFxURRSI4ISSXnSyZhj+bRN/p/LaFkHxjSfvTJBrzfrEm8hw4unoN84I66SIxfz/sVgXP19+tx4EPA6lAg==:',
}

test('verifySignature() accepts any of the configured origins', () => {
  expect(() => check(signed(), { origins: ['https://10.0.0.4:8443', origin] })).not.toThrow()
  expect(() => check(signed(), { origins: ['https://other.example.com'] })).toThrow(/does not fit/)
  expect(() => check(signed(), { origins: [] })).toThrow(/does not fit/)
})

test('a change of any character of body, path or signature is refused', () => {
  expect(() => check(signed(), { body: body.replace('[', '[ ') })).toThrow(
    'Content-Digest does not fit the body',
  )
  expect(() => check(signed(), { path: '/api/agent/v1/complete' })).toThrow(/does not fit/)
  const headers = signed()
  const flip = (name: keyof typeof headers, at: number) => {
    const text = headers[name]
    const index = at % text.length
    const other = text[index] === 'A' ? 'B' : 'A'
    return { ...headers, [name]: text.slice(0, index) + other + text.slice(index + 1) }
  }
  fc.assert(
    fc.property(
      fc.constantFrom('content-digest', 'signature-input', 'signature'),
      fc.nat(500),
      (name, at) => {
        const changed = flip(name, at)
        if (changed[name] === headers[name]) return
        expect(() => check(changed)).toThrow()
      },
    ),
  )
})

test('readSignature() accepts 60 s of difference and says how much more it was', () => {
  for (const skew of [-60, 0, 60])
    expect(() => readSignature(signed(), (created + skew) * 1000)).not.toThrow()
  expect(() => readSignature(signed(), (created + 75) * 1000)).toThrow('signed 75 s ago')
  expect(() => readSignature(signed(), (created - 75) * 1000)).toThrow('signed 75 s in the future')
})

test.each([
  ['another label', 'other=("@method" "@target-uri" "content-digest");created=1'],
  [
    'fewer components',
    signatureParameters({ created, nonce: 'A'.repeat(22), keyId: 'x' }).replace('"@method" ', ''),
  ],
  ['another order', 'sallyport=("@target-uri" "@method" "content-digest");created=1'],
  [
    'another tag',
    `sallyport=${signatureParameters({ created, nonce: 'A'.repeat(22), keyId: 'x' }).replace('node/1', 'node/2')}`,
  ],
  ['a short nonce', `sallyport=${signatureParameters({ created, nonce: 'A'.repeat(21), keyId: 'x' })}`],
  [
    'a second signature',
    `sallyport=${signatureParameters({ created, nonce: 'A'.repeat(22), keyId: 'x' })}, b=()`,
  ],
])('parseSignatureInput() knows one form only, not %s', (_, header) => {
  expect(parseSignatureInput(header)).toBeNull()
})

test('ed25519Key() refuses what is no key', () => {
  for (const raw of ['', 'AAAA', 'A'.repeat(44), '!'.repeat(43)])
    expect(() => ed25519Key(raw)).toThrow('not an Ed25519 public key')
})
