import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Wake } from '@/lib/tasks/wake'
import { packWakes, readWakeMessage } from '@/server/wake-messages'

const me = randomUUID()
const [one, other] = [randomUUID(), randomUUID()]
const nodesOf = (runtimeId: string, count: number): Wake => ({
  runtimeId,
  for: 'nodes',
  nodeIds: Array.from({ length: count }, () => randomUUID()),
})

describe('packWakes()', () => {
  test('says once what was said often, and names nodes beside what concerns all', () => {
    const [a, b] = [randomUUID(), randomUUID()]
    const wakes: Wake[] = [
      { runtimeId: one, for: 'tasks' },
      { runtimeId: one, for: 'nodes', nodeIds: [a] },
      { runtimeId: other, for: 'tasks' },
      { runtimeId: one, for: 'nodes', nodeIds: [b, a] },
      { runtimeId: one, for: 'all' },
      { runtimeId: other, for: 'tasks' },
    ]
    expect(packWakes(me, wakes)).toEqual([
      {
        from: me,
        wakes: [
          { runtimeId: one, for: 'nodes', nodeIds: [a, b] },
          { runtimeId: one, for: 'all' },
          { runtimeId: other, for: 'tasks' },
        ],
      },
    ])
  })

  test('says "all" rather than name a fleet', () => {
    expect(packWakes(me, [nodesOf(one, 101)])).toEqual([
      { from: me, wakes: [{ runtimeId: one, for: 'all' }] },
    ])
  })

  test('keeps every message below what PostgreSQL takes, loses none, and is read again', () => {
    const wakes = Array.from({ length: 60 }, () => nodesOf(randomUUID(), 90))
    const messages = packWakes(me, wakes)
    const payloads = messages.map((message) => JSON.stringify(message))
    for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8000)
    expect(payloads.flatMap((payload) => readWakeMessage(payload)?.wakes)).toEqual(wakes)
  })
})

test.each(['', 'hello', '{}', '{"from":"me","wakes":[]}', `{"from":"${me}","wakes":[{"for":"everything"}]}`])(
  'readWakeMessage() ignores what no portal sent: %s',
  (payload) => {
    expect(readWakeMessage(payload)).toBeNull()
  },
)
