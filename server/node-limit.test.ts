import { beforeEach, expect, test } from 'vitest'
import { taskPace } from '@/lib/nodes/node-limiter'
import { testChannel } from '@/server/test-channel'
import type { TestNode } from '@/server/test-node'

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

const stale = { taskId: crypto.randomUUID(), epoch: 1 }
const ask = {
  heartbeat: (node: TestNode) => node.call('heartbeat', { tasks: [] }),
  complete: (node: TestNode) =>
    node.call('complete', { ...stale, outcome: { status: 'cancelled' }, final: {} }),
  vault: (node: TestNode) => node.call('vault', { op: 'pull', logFrom: 0, credentialsSince: '0' }),
}

test.each(Object.entries(ask))(
  'a node of one slot that calls %s in a circle is slowed down to 30 a second after the first 150',
  async (_, call) => {
    const node = await world.enrol({ slots: 1 })
    const together = await Promise.all(Array.from({ length: 150 }, () => call(node)))
    expect(together.filter(({ status }) => status === 429)).toEqual([])
    const slowed = await call(node)
    expect(slowed).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } })
    expect(slowed.headers.get('retry-after')).toBe('1')
    nowMs += 34
    expect((await call(node)).status).not.toBe(429)
    expect((await call(node)).status).toBe(429)
    // One does not keep it from the others: its leases go on while it polls too often.
    expect((await node.poll()).status).not.toBe(429)
  },
  60_000,
)

test('a node with many slots begins a task on each at once, and again ten times a second up to what the portal bears', () => {
  expect(taskPace(4)).toEqual({ perSecond: 60, burst: 300 })
  expect(taskPace(256)).toEqual({ perSecond: 300, burst: 1500 })
})
