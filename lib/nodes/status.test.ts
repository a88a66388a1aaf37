import { describe, expect, test } from 'vitest'
import { type NodeFacts, nodeStatus, takesWork } from '@/lib/nodes/status'

const now = new Date('2026-08-01T10:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const admitted: NodeFacts['vault'] = { generation: 2, runtimeGeneration: 2, error: null, approvalSince: null }
const well: NodeFacts = {
  wish: 'active',
  registeredAt: ago(86_400),
  lastSeenAt: ago(5),
  quarantinedAt: null,
  vault: admitted,
  credentials: { opened: 3, total: 3 },
}

describe('nodeStatus()', () => {
  test.each([
    ['Online', {}],
    ['Online', { vault: { ...admitted, generation: 0, runtimeGeneration: 0 } }],
    ['Online', { lastSeenAt: ago(30) }],
    ['Limited', { lastSeenAt: ago(31) }],
    ['Limited', { lastSeenAt: ago(90) }],
    ['Offline', { lastSeenAt: ago(91) }],
    ['Initializing', { lastSeenAt: null, registeredAt: ago(89) }],
    ['InitializeFailed', { lastSeenAt: null, registeredAt: ago(91) }],
    ['Initializing', { vault: { ...admitted, generation: 0 } }],
    ['Limited', { vault: { ...admitted, generation: 1 } }],
    ['Limited', { vault: { ...admitted, error: 'the wrap does not open' } }],
    ['Limited', { vault: { ...admitted, generation: 0, approvalSince: ago(60) } }],
    ['Limited', { credentials: { opened: 2, total: 3 } }],
    ['Limited', { quarantinedAt: ago(600) }],
    ['Offline', { lastSeenAt: ago(600), credentials: { opened: 0, total: 3 } }],
  ] satisfies [string, Partial<NodeFacts>][])('is %s with %j', (state, facts) => {
    const status = nodeStatus({ ...well, ...facts }, now)
    expect(status.state).toBe(state)
    expect(status.reason.rule).toMatch(/\.$/)
    expect(status.reason.next).toMatch(/\.$/)
    expect(status.reason.evidence[0]).toHaveProperty('term')
  })

  test('says since when a silent node is silent, and what to do', () => {
    const { reason } = nodeStatus({ ...well, lastSeenAt: ago(300) }, now)
    expect(reason.since).toEqual(ago(300))
    expect(reason.remedies.join()).toContain('doctor')
  })

  test('of a node that waits for approval says since when, and where it is given', () => {
    const vault = { ...admitted, generation: 0, approvalSince: ago(300) }
    const { reason } = nodeStatus({ ...well, vault }, now)
    expect(reason.since).toEqual(ago(300))
    expect(reason.next).toContain('no task that needs a credential')
    expect(reason.remedies.join()).toContain('approve <fingerprint>')
  })

  test('keeps the operator’s wish apart from the state', () => {
    const status = nodeStatus({ ...well, wish: 'cordoned' }, now)
    expect(status.state).toBe('Online')
    expect(status.reason.next).toContain('no new copies')
    expect(takesWork(status, 'cordoned')).toBe(false)
    expect(takesWork(status, 'active')).toBe(true)
  })
})
