import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyFingerprint, readFingerprint } from './fingerprint.ts'

const keys = { signingKey: 's'.repeat(43), vaultKey: 'v'.repeat(43) }

test('keyFingerprint() is the first 100 bits of the hash of both keys, five to a symbol', async () => {
  const digest = createHash('sha256')
    .update(`sallyport/node-fingerprint/1\n${keys.signingKey}\n${keys.vaultKey}`)
    .digest()
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const symbols = bits
    .slice(0, 100)
    .match(/.{5}/g)
    ?.map((five) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number.parseInt(five, 2)])
    .join('')
  const fingerprint = await keyFingerprint(keys)
  expect(fingerprint.replaceAll('-', '')).toBe(symbols)
  expect(fingerprint).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/)
})

test('keyFingerprint() changes with either key', async () => {
  const one = await keyFingerprint(keys)
  expect(await keyFingerprint({ ...keys, vaultKey: 'w'.repeat(43) })).not.toBe(one)
  expect(await keyFingerprint({ ...keys, signingKey: 't'.repeat(43) })).not.toBe(one)
})

test('readFingerprint() takes what people type for it, and nothing else', async () => {
  const fingerprint = await keyFingerprint(keys)
  expect(readFingerprint(fingerprint)).toBe(fingerprint)
  expect(readFingerprint(` ${fingerprint.toLowerCase().replaceAll('-', ' ')}\n`)).toBe(fingerprint)
  expect(readFingerprint(fingerprint.replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(fingerprint)
  expect(readFingerprint(fingerprint.slice(1))).toBeNull()
  expect(readFingerprint('U'.repeat(20))).toBeNull()
})
