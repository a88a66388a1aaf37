import { randomUUID } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { testChannel } from '@/server/test-channel'

const world = testChannel()
afterEach(() => vi.useRealTimers())

/** The portal and its nodes, which follow it, an hour away from the database. */
function setPortalOff(hours: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
}

test.each([-1, 1])(
  'the last poll of a process that was started anew is no second machine, with a portal %i h off its database',
  async (hours) => {
    setPortalOff(hours)
    const node = await world.enrol()
    const [one, two] = [randomUUID(), randomUUID()]
    for (const incarnation of [one, two]) expect((await node.poll({ incarnation })).status).toBe(204)
    expect(await node.poll({ incarnation: one })).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict' } },
    })
    expect((await node.poll({ incarnation: two })).status).toBe(204)
  },
)

test.each([
  [-1, '3600 s ago'],
  [1, '3600 s in the future'],
])('a node whose clock is %i h off is told by how much, and the time', async (hours, said) => {
  const node = await world.enrol()
  const nowMs = Math.floor(Date.now() / 1000) * 1000
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs })
  const created = Math.floor(nowMs / 1000) + hours * 3600
  const answer = await node.call('heartbeat', { tasks: [] }, { created })
  expect(answer).toMatchObject({ status: 401, body: { error: { code: 'clock_skew' } } })
  expect(JSON.stringify(answer.body)).toMatch(new RegExp(said))
  expect(answer.headers.get('date')).toBeTruthy()
})
