import { beforeEach, expect, test } from 'vitest'
import { testChannel } from '@/server/test-channel'

let nowMs: number
const world = testChannel({ nowMs: () => nowMs })
beforeEach(() => {
  nowMs = 0
})

test('a node that polls in a circle is slowed down to 20 polls a second after the first 100', async () => {
  const node = await world.enrol()
  const together = await Promise.all(Array.from({ length: 100 }, () => node.poll()))
  expect(together.filter(({ status }) => status === 429)).toEqual([])
  const slowed = await node.poll()
  expect(slowed).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } })
  expect(slowed.headers.get('retry-after')).toBe('1')
  nowMs += 50
  expect((await node.poll()).status).not.toBe(429)
  expect((await node.poll()).status).toBe(429)
})

test('a node that is slowed down slows no other', async () => {
  const [busy, calm] = [await world.enrol(), await world.enrol()]
  const together = await Promise.all(Array.from({ length: 101 }, () => busy.poll()))
  expect(together.filter(({ status }) => status === 429)).toHaveLength(1)
  expect((await calm.poll()).status).not.toBe(429)
})
