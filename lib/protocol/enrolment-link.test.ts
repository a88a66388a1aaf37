import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseEnrolmentToken } from './enrolment.ts'
import { makeEnrolmentLink } from './enrolment-link.ts'
import { generateVaultKeyPair, linkSecretContext, open, toBase64Url } from './sealing.ts'

const runtimeId = 'b1a4f2c4-6a63-4f4c-8f0e-3f1f4b9f0f10'

test('makeEnrolmentLink() keeps half B out of the record, except sealed for the vault', async () => {
  const pair = await generateVaultKeyPair()
  const vault = { generation: 3, publicKey: pair.publicKey }
  const { token, record } = await makeEnrolmentLink(runtimeId, vault, 'ab'.repeat(32))
  const read = parseEnrolmentToken(token)
  expect(read).toMatchObject({ linkId: record.linkId, fingerprint: 'ab'.repeat(32) })
  if (!read || !record.sealedSecret) throw new Error('no token')
  expect(record.secretHash).toBe(createHash('sha256').update(read.secret).digest('hex'))
  expect(JSON.stringify(record)).not.toContain(read.proofKey)
  expect(record.sealedSecret.generation).toBe(3)
  const by = { privateKey: pair.privateKey, purpose: 'link-secret' } as const
  const context = linkSecretContext({ runtimeId, linkId: read.linkId })
  expect(toBase64Url(await open(by, context, record.sealedSecret))).toBe(read.proofKey)
})

test('makeEnrolmentLink() seals nothing while there is no vault, and says when nothing is pinned', async () => {
  const { token, record } = await makeEnrolmentLink(runtimeId, null, null)
  expect(record).not.toHaveProperty('sealedSecret')
  expect(parseEnrolmentToken(token)?.fingerprint).toBeNull()
})
