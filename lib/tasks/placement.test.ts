import { expect, test } from 'vitest'
import { type PlacementFacts, whyNotHere } from '@/lib/tasks/placement'

const now = new Date('2026-11-22T10:00:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const fit: PlacementFacts = {
  node: {
    wish: 'active',
    quarantinedAt: null,
    approvalSince: null,
    lastSeenAt: ago(2_000),
    slotsTotal: 4,
    busySlots: 1,
  },
  task: { kind: 'copyPart', interactive: false, runAfter: ago(1_000), onlyNodeName: null },
  chosen: true,
  knowsKind: true,
  knowsStores: true,
  hasCredentials: true,
}
const node = (changes: Partial<PlacementFacts['node']>) => ({ ...fit, node: { ...fit.node, ...changes } })
const task = (changes: Partial<PlacementFacts['task']>) => ({ ...fit, task: { ...fit.task, ...changes } })

test('whyNotHere() finds nothing against a free node that may take the task', () => {
  expect(whyNotHere(fit, now)).toBeNull()
})

test.each([
  [{ ...task({ onlyNodeName: 'plant-b' }), chosen: false }, 'Only "plant-b" can do it'],
  [node({ quarantinedAt: ago(1) }), 'quarantined'],
  [node({ lastSeenAt: null }), 'not polled'],
  [node({ lastSeenAt: ago(120_000) }), 'offline: last heard 2 m ago'],
  [{ ...fit, knowsKind: false }, 'too old for this kind of task (copyPart)'],
  [{ ...fit, knowsStores: false }, 'too old for one of the stores'],
  [node({ wish: 'cordoned' }), 'cordoned'],
  [node({ wish: 'draining' }), 'drains'],
  [{ ...node({ approvalSince: ago(1) }), hasCredentials: false }, 'Owner’s approval'],
  [{ ...fit, hasCredentials: false }, 'not opened a credential'],
  [task({ runAfter: new Date(now.getTime() + 5_000) }), 'tried again in 5'],
  [node({ busySlots: 4 }), 'All its 4 slots are taken'],
])('whyNotHere() names the reason: %#', (facts, reason) => {
  expect(whyNotHere(facts, now)).toContain(reason)
})

test('whyNotHere() lets a cordoned node answer a question that names it', () => {
  const asked = task({ interactive: true, onlyNodeName: 'plant-a' })
  expect(whyNotHere({ ...asked, node: { ...asked.node, wish: 'cordoned', busySlots: 4 } }, now)).toBeNull()
})
