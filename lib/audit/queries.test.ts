import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { appendAudit } from '@/lib/audit/append'
import { type AuditFilters, entryCountWords } from '@/lib/audit/schemas'
import { listAuditEntries, listRuntimeActivity, verifyAuditChain } from '@/lib/audit/queries'
import { actionWords } from '@/lib/audit/schemas'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import type { Role } from '@/lib/permissions'

const database = testDatabase()
const state = { tenantId: '' }
beforeEach(async () => {
  state.tenantId = await aTenant(database.db)
})

async function contextOf(role: Role | null) {
  return { actor: await aUser(database.db, state.tenantId, role), db: database.db }
}
async function append(count: number, entityName = 'plant-7') {
  const { actor } = await contextOf('Owner')
  await database.db.transaction(async (tx) => {
    for (let index = 0; index < count; index += 1)
      await appendAudit(tx, actor, {
        action: index % 2 ? 'factory.updated' : 'factory.created',
        entityId: `${index}`,
        entityName,
        after: { index, at: new Date(0), gone: undefined, big: 1e21, text: 'ä\u0001"' },
      })
  })
}
/** What somebody with the database's own password could do. */
async function tamper(statement: ReturnType<typeof sql>) {
  await database.db.execute(sql`set local session_replication_role = replica`)
  await database.db.execute(statement)
  await database.db.execute(sql`set local session_replication_role = origin`)
}

describe('listAuditEntries()', () => {
  test('pages by key from the newest', async () => {
    await append(120)
    const ctx = await contextOf('Owner')
    const first = await listAuditEntries(ctx, {})
    expect(first.rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, index) => 120 - index))
    expect(first).toMatchObject({ count: { total: 120, isMore: false }, nextBefore: 71 })
    const last = await listAuditEntries(ctx, { before: 21 })
    expect(last.rows).toHaveLength(20)
    expect(last.nextBefore).toBeNull()
  })

  test('filters by words of action, thing and person, taking them literally', async () => {
    await append(4, 'plant_7')
    await append(1, 'plant-8')
    const ctx = await contextOf('Owner')
    expect((await listAuditEntries(ctx, { q: 'UPDATED' })).count.total).toBe(2)
    expect((await listAuditEntries(ctx, { q: 'plant_' })).count.total).toBe(4)
    expect((await listAuditEntries(ctx, { q: '@example.com' })).count.total).toBe(5)
    expect((await listAuditEntries(ctx, { q: '%' })).count.total).toBe(0)
  })

  test('counts what a filter finds so far only, so that a log of years is not read for a number', async () => {
    await database.db.execute(sql`
      insert into audit_log (tenant_id, seq, at, actor, action, entity_id, entity_name, previous_hash, hash)
      select ${state.tenantId}, g, now(), '{"kind":"system","id":"x","name":"x"}', 'pipelineRun.started', g::text,
        case when g = 77 then 'rare' else 'often' end, 'x', 'x' from generate_series(1, 10100) g`)
    const ctx = await contextOf('Owner')
    const counted = async (filters: AuditFilters) =>
      entryCountWords((await listAuditEntries(ctx, filters)).count)
    expect(await counted({})).toBe('10,100 entries')
    expect(await counted({ q: 'often' })).toBe('more than 10,000 entries')
    expect(await counted({ q: 'rare' })).toBe('1 entry')
    expect(await counted({ q: 'often', before: 5 })).toBe('more than 10,000 entries')
  })

  test('filters by one factory, or by a part of its name', async () => {
    await append(2)
    const ctx = await contextOf('Owner')
    const { id } = await aFactory(database.db, state.tenantId, { name: 'harbour-north' })
    const entry = { action: 'runtime.created' as const, entityId: 'x', entityName: 'quay', factoryId: id }
    await database.db.transaction((tx) => appendAudit(tx, ctx.actor, entry))
    for (const filter of [{ factory: id }, { inFactory: 'NORTH' }])
      expect(await listAuditEntries(ctx, filter)).toMatchObject({
        rows: [{ entityName: 'quay' }],
        count: { total: 1 },
      })
    expect((await listAuditEntries(ctx, { inFactory: '_' })).count.total).toBe(0)
  })

  test.each(['Contributor', 'Operator', 'Reader', null] as const)('is not for the role %s', async (role) => {
    await expect(listAuditEntries(await contextOf(role), {})).rejects.toMatchObject({ code: 'forbidden' })
    await expect(verifyAuditChain(await contextOf(role))).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('shows nothing of another tenant', async () => {
    await append(3)
    state.tenantId = await aTenant(database.db)
    expect(await listAuditEntries(await contextOf('Owner'), {})).toMatchObject({
      rows: [],
      count: { total: 0, isMore: false },
    })
  })
})

describe('verifyAuditChain()', () => {
  test('agrees with what was written, whatever was in it', async () => {
    await append(1050)
    const check = await verifyAuditChain(await contextOf('Owner'))
    expect(check).toMatchObject({ ok: true, checked: 1050, problem: null })
  })

  test.each([
    ['altered', sql`update audit_log set entity_name = 'plant-9' where seq = 3`, 'Entry 3 was altered'],
    ['altered in its detail', sql`update audit_log set after = '{}' where seq = 4`, 'Entry 4 was altered'],
    ['removed', sql`delete from audit_log where seq = 2`, 'Entry 2 is missing'],
    [
      'rewritten with its hash',
      sql`update audit_log set hash = repeat('a', 64) where seq = 1`,
      'Entry 1 was altered',
    ],
  ])('names the entry that was %s', async (_how, statement, reason) => {
    await append(6)
    await tamper(statement)
    const check = await verifyAuditChain(await contextOf('Owner'))
    expect(check.ok).toBe(false)
    expect(check.problem?.reason).toContain(reason)
  })

  test('a change in place is refused by the database itself', async () => {
    await append(1)
    await expect(database.db.execute(sql`update audit_log set entity_name = 'x'`)).rejects.toThrow()
  })
})

test('listRuntimeActivity() tells what was done to a runtime and its nodes, without details', async () => {
  const { db } = database
  const factory = await aFactory(db, state.tenantId)
  const runtime = await aRuntime(db, factory)
  const node = await aNode(db, runtime)
  const ctx = await contextOf('Reader')
  await db.transaction(async (tx) => {
    for (const entityId of [runtime.id, node.id, crypto.randomUUID()])
      await appendAudit(tx, ctx.actor, {
        action: 'thing.changed',
        entityId,
        entityName: 'x',
        after: { hidden: 1 },
      })
  })
  const { rows } = await listRuntimeActivity(ctx, runtime.id)
  expect(rows.map(({ entityId }) => entityId)).toEqual([node.id, runtime.id])
  expect(JSON.stringify(rows)).not.toContain('hidden')
  await expect(listRuntimeActivity(await contextOf(null), runtime.id)).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('actionWords() turns the code into words', () => {
  expect(actionWords('authKey.regenerated')).toBe('Authentication key regenerated')
})
