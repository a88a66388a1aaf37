import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  credentialContext,
  fromBase64Url,
  generateVaultKeyPair,
  linkSecretContext,
  open,
  padSecret,
  seal,
  sealingPurposes,
  toBase64Url,
  wrapContext,
} from './sealing.ts'
import { makeOracleKeys, oracleOpen, oracleSeal } from './test-hpke.ts'
import { canonicalJson } from './canonical-json.ts'

const runtimeId = '0b0e6c0e-6f3f-4c8e-9a52-3a1c5f1d2e01'
const linkedServiceId = '0b0e6c0e-6f3f-4c8e-9a52-3a1c5f1d2e02'
const address = {
  type: 'PostgreSql' as const,
  host: 'db.example.com',
  port: 5432,
  database: 'sales',
  username: 'reader',
  sslMode: 'require' as const,
}
const context = credentialContext({ runtimeId, linkedServiceId, version: 3, address })
const infoOf = (purpose: string) => Buffer.from(`sallyport/vault/1|${purpose}`)
const aadOf = (value: unknown) => Buffer.from(canonicalJson(value))
const bytes = fc.uint8Array({ maxLength: 600 })

test('the oracle opens what it sealed, for the same additional data only', () => {
  const keys = makeOracleKeys()
  const message = { info: Buffer.from('info'), aad: Buffer.from('aad') }
  const sealed = oracleSeal(keys.publicKey, message, Buffer.from('hello'))
  expect(oracleOpen(keys, message, sealed).toString()).toBe('hello')
  expect(() => oracleOpen(keys, { ...message, aad: Buffer.from('other') }, sealed)).toThrow()
})

describe('seal() and open()', () => {
  test('agree with an independent HPKE in both directions, for any text, context and purpose', async () => {
    const keys = makeOracleKeys()
    const [publicKey, privateKey] = [toBase64Url(keys.publicKey), toBase64Url(keys.privateKey)]
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.json(),
        fc.constantFrom(...sealingPurposes),
        async (plain, json, purpose) => {
          const bound: unknown = JSON.parse(json)
          const message = { info: infoOf(purpose), aad: aadOf(bound) }
          const ours = await seal({ publicKey, purpose }, bound, plain)
          const opened = oracleOpen(keys, message, {
            enc: Buffer.from(ours.enc, 'base64url'),
            ciphertext: Buffer.from(ours.ciphertext, 'base64url'),
          })
          expect(opened).toEqual(Buffer.from(plain))
          const theirs = oracleSeal(keys.publicKey, message, Buffer.from(plain))
          const sealed = { enc: toBase64Url(theirs.enc), ciphertext: toBase64Url(theirs.ciphertext) }
          expect(await open({ privateKey, purpose }, bound, sealed)).toEqual(plain)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('refuse another key, purpose or context, and any changed bit', async () => {
    const [mine, other] = [await generateVaultKeyPair(), await generateVaultKeyPair()]
    const by = { privateKey: mine.privateKey, purpose: 'credential' as const }
    const sealed = await seal(
      { publicKey: mine.publicKey, purpose: 'credential' },
      context,
      padSecret('secret'),
    )
    expect(await open(by, context, sealed)).toEqual(padSecret('secret'))
    await expect(open({ ...by, privateKey: other.privateKey }, context, sealed)).rejects.toThrow()
    await expect(open({ ...by, purpose: 'wrap' }, context, sealed)).rejects.toThrow()
    const changes = [
      { runtimeId: linkedServiceId },
      { linkedServiceId: runtimeId },
      { version: 4 },
      ...Object.entries({
        host: 'evil.example.com',
        port: 5433,
        database: 'x',
        username: 'y',
        sslMode: 'disable',
      }).map(([name, value]) => ({ address: { ...address, [name]: value } })),
    ]
    const original = { runtimeId, linkedServiceId, version: 3, address }
    for (const change of changes)
      await expect(open(by, { kind: 'credential', ...original, ...change }, sealed)).rejects.toThrow()
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const ciphertext = fromBase64Url(sealed.ciphertext)
        const index = at % ciphertext.length
        ciphertext[index] = (ciphertext[index] ?? 0) ^ (1 << bit)
        await expect(open(by, context, { ...sealed, ciphertext: toBase64Url(ciphertext) })).rejects.toThrow()
      }),
      { numRuns: 40 },
    )
  })

  test('bind wraps to node and generation, and link secrets to their link', () => {
    const contexts = [
      wrapContext({ runtimeId, nodeId: linkedServiceId, generation: 1 }),
      wrapContext({ runtimeId, nodeId: linkedServiceId, generation: 2 }),
      wrapContext({ runtimeId, nodeId: runtimeId, generation: 1 }),
      linkSecretContext({ runtimeId, linkId: linkedServiceId }),
      context,
    ].map(canonicalJson)
    expect(new Set(contexts).size).toBe(contexts.length)
  })
})

test('padSecret() hides the length in steps of 256 bytes, and JSON reads it back', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 700 }), (password) => {
      const json = JSON.stringify({ password })
      const padded = padSecret(json)
      expect(padded.length % 256).toBe(0)
      expect(JSON.parse(new TextDecoder().decode(padded))).toEqual({ password })
    }),
  )
  expect(padSecret('x'.repeat(10)).length).toBe(padSecret('x'.repeat(200)).length)
})

test('base64url goes there and back for any bytes', () => {
  fc.assert(
    fc.property(bytes, (some) => {
      expect(toBase64Url(some)).toBe(Buffer.from(some).toString('base64url'))
      expect(fromBase64Url(toBase64Url(some))).toEqual(some)
    }),
  )
})

test('canonicalJson() does not depend on the order of members', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed())
      expect(canonicalJson(turned)).toBe(canonicalJson(value))
    }),
  )
})
