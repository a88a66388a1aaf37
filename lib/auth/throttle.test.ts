import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rateLimits } from '@/drizzle/schema/tenants'
import {
  accountKey,
  addressKey,
  countAttempt,
  freeFailures,
  maxWaitMs,
  takeBackAttempt,
} from '@/lib/auth/throttle'
import { testDatabase } from '@/lib/db/test-database'

const database = testDatabase()
const key = accountKey('test', 'ann@example.com')

/** As if the wait had passed. */
async function waitItOut() {
  await database.db
    .update(rateLimits)
    .set({ blockedUntil: sql`now() - interval '1 ms'` })
    .where(eq(rateLimits.key, key))
}
async function fail(times: number) {
  for (let count = 0; count < times; count += 1) {
    await waitItOut()
    expect(await countAttempt(database.db, [key])).toBe(0)
  }
}

describe('countAttempt()', () => {
  test('lets five attempts pass, then asks to wait, doubling up to a quarter of an hour', async () => {
    await fail(freeFailures)
    const waits: number[] = []
    for (let count = 0; count < 10; count += 1) {
      waits.push(Math.round((await countAttempt(database.db, [key])) / 1000))
      await fail(1)
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900, 900])
    expect(await countAttempt(database.db, [key])).toBeLessThanOrEqual(maxWaitMs)
  })

  test('forgets failures after half an hour without one', async () => {
    await fail(freeFailures - 1)
    await database.db.update(rateLimits).set({ updatedAt: sql`now() - interval '31 min'` })
    await fail(1)
    const [row] = await database.db.select().from(rateLimits)
    expect(row?.failures).toBe(1)
  })

  test('counts nothing on the account while the address is blocked', async () => {
    const address = addressKey('test', '10.1.1.1')
    for (let count = 0; count < freeFailures; count += 1) await countAttempt(database.db, [address])
    expect(await countAttempt(database.db, [address, key])).toBeGreaterThan(0)
    expect(await database.db.$count(rateLimits, eq(rateLimits.key, key))).toBe(0)
  })
})

describe('takeBackAttempt()', () => {
  test('forgets the account, but only the right attempt of the address', async () => {
    const address = addressKey('test', '10.1.1.2')
    for (let count = 0; count < 3; count += 1) await countAttempt(database.db, [address, key])
    await takeBackAttempt(database.db, key, [address])
    expect(
      await database.db.select({ key: rateLimits.key, failures: rateLimits.failures }).from(rateLimits),
    ).toEqual([{ key: address, failures: 2 }])
  })
})

test.each([
  ['192.0.2.7', 'test:address:192.0.2.7'],
  ['::ffff:192.0.2.7', 'test:address:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', 'test:address:2001:db8:1:2::/64'],
  ['2001:DB8::6', 'test:address:2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'test:address:fe80:0:0:0::/64'],
  ['::1', 'test:address:0:0:0:0::/64'],
])('addressKey() of %s is the network of one customer', (address, expected) => {
  expect(addressKey('test', address)).toBe(expected)
})

test('countAttempt() keeps nobody out for the hour by which the clock was set back', async () => {
  await fail(freeFailures)
  expect(await countAttempt(database.db, [key])).toBeGreaterThan(0)
  await database.db.update(rateLimits).set({ blockedUntil: sql`blocked_until + interval '1 hour'` })
  expect(await countAttempt(database.db, [key])).toBe(0)
  expect(await countAttempt(database.db, [key])).toBeLessThanOrEqual(maxWaitMs)
})
