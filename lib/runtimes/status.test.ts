import { expect, test } from 'vitest'
import type { NodeState, NodeWish } from '@/lib/nodes/schemas'
import { runtimeStatus } from '@/lib/runtimes/status'

const node = (state: NodeState, wish: NodeWish = 'active') => ({ displayName: state, state, wish })

test.each([
  ['NeedRegistration', []],
  ['Online', [node('Online'), node('Online')]],
  ['Limited', [node('Online'), node('Offline')]],
  ['Limited', [node('Online'), node('Initializing')]],
  ['Offline', [node('Offline'), node('Limited')]],
])('runtimeStatus() is %s', (state, nodes) => {
  expect(runtimeStatus(nodes).state).toBe(state)
})

test('runtimeStatus() says that tasks wait while every node is cordoned', () => {
  const { state, reason } = runtimeStatus([node('Online', 'cordoned')])
  expect(state).toBe('Online')
  expect(reason.next).toContain('every node that is online is cordoned')
})
