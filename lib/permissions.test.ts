import { describe, expect, test } from 'vitest'
import {
  type Actor,
  can,
  factoriesWith,
  type Permission,
  permissions,
  type Role,
  roles,
  whyNot,
} from '@/lib/permissions'

const tenantId = 'tenant-1'
const user = (tenantRole: Role | null, factoryRoles: Record<string, Role> = {}): Actor => ({
  kind: 'user',
  userId: 'user-1',
  name: 'Ann',
  email: 'ann@example.com',
  sessionId: 'session-1',
  tenantId,
  tenantRole,
  factoryRoles,
})
const node: Actor = { kind: 'node', nodeId: 'n', name: 'n', runtimeId: 'r', tenantId }

function letters(permission: Permission): string {
  return roles.map((role) => (can(user(role), permission, { tenantId }) ? role[0] : '-')).join(' ')
}

describe('can()', () => {
  test('holds this matrix of roles and permissions', () => {
    const lines = permissions.map((permission) => `${letters(permission)}  ${permission}`)
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot()
  })

  test('gives a factory role inside its factory only', () => {
    const actor = user(null, { f1: 'Owner' })
    expect(can(actor, 'runtimes.write', { tenantId, factoryId: 'f1' })).toBe(true)
    expect(can(actor, 'runtimes.write', { tenantId, factoryId: 'f2' })).toBe(false)
    expect(can(actor, 'factories.create', { tenantId })).toBe(false)
  })

  test('adds the tenant role and the factory role up', () => {
    const actor = user('Reader', { f1: 'Contributor' })
    expect(can(actor, 'runtimes.write', { tenantId, factoryId: 'f1' })).toBe(true)
    expect(can(actor, 'runtimes.read', { tenantId, factoryId: 'f2' })).toBe(true)
  })

  test.each(permissions)(
    'refuses %s in another tenant, to nodes, and to users without roles except for themselves',
    (permission) => {
      expect(can(user('Owner'), permission, { tenantId: 'tenant-2' })).toBe(false)
      expect(can(node, permission, { tenantId })).toBe(false)
      expect(can(user(null), permission, { tenantId })).toBe(permission.startsWith('account.'))
    },
  )
})

test('factoriesWith() lists where a permission holds', () => {
  expect(factoriesWith(user('Reader'), 'factories.read')).toBe('all')
  expect(factoriesWith(user(null, { f1: 'Reader', f2: 'Operator' }), 'runs.start')).toEqual(['f2'])
  expect(factoriesWith(user(null), 'factories.read')).toEqual([])
  expect(factoriesWith(node, 'factories.read')).toEqual([])
})

test('whyNot() names the roles that may', () => {
  expect(whyNot(user('Reader'), 'runs.start', { tenantId })).toBe(
    'This needs the role Owner, Contributor or Operator',
  )
  expect(whyNot(user('Operator'), 'runs.start', { tenantId })).toBeNull()
})
