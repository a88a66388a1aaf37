import { argon2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '@/lib/auth/password'
import { NewPassword } from '@/lib/account/schemas'

describe('hashPassword()', () => {
  test('makes a PHC string that only the same password verifies', async () => {
    const phc = await hashPassword('eine lange Brücke')
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(await verifyPassword('eine lange Brücke', phc)).toBe(true)
    expect(await verifyPassword('eine lange Brücke'.normalize('NFD'), phc)).toBe(true)
    expect(await verifyPassword('eine lange Bruecke', phc)).toBe(false)
    expect(await hashPassword('eine lange Brücke')).not.toBe(phc)
  })
  test('reads the cost from the hash, so that it can be raised later', async () => {
    const tag = argon2Sync('argon2id', {
      message: 'x',
      nonce: 'saltsaltsaltsalt',
      memory: 64,
      passes: 2,
      parallelism: 1,
      tagLength: 32,
    })
    const [salt, hash] = ['saltsaltsaltsalt', tag].map((part) =>
      Buffer.from(part).toString('base64').replaceAll('=', ''),
    )
    expect(await verifyPassword('x', `$argon2id$v=19$m=64,t=2,p=1$${salt}$${hash}`)).toBe(true)
    expect(await verifyPassword('x', `$argon2id$v=19$m=64,t=3,p=1$${salt}$${hash}`)).toBe(false)
  })
})

async function timeToRefuse(phc: string | null): Promise<number> {
  const began = performance.now()
  expect(await verifyPassword('wrong horse battery', phc)).toBe(false)
  return performance.now() - began
}

describe('verifyPassword()', () => {
  test('says no, after the same work, where there is no hash or none of ours', async () => {
    const known = await hashPassword('correct horse battery')
    await timeToRefuse(known)
    const [withHash, without] = [await timeToRefuse(known), await timeToRefuse(null)]
    expect(without).toBeGreaterThan(withHash / 4)
    expect(await verifyPassword('x', 'none')).toBe(false)
  })
  test('refuses to queue without end', async () => {
    const attempts = Array.from({ length: 60 }, () => verifyPassword('x', null))
    const refused = (await Promise.allSettled(attempts)).filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(16)
  })
})

test.each([
  ['short', 'Use at least 12 characters; a few words will do'],
  ['aaaaaaaaaaaaaa', 'Use at least 5 different characters'],
])('NewPassword refuses %s', (password, message) => {
  expect(NewPassword.safeParse(password).error?.issues[0]?.message).toBe(message)
})
