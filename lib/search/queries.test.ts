import { beforeEach, expect, test } from 'vitest'
import { pipelineRuns } from '@/drizzle/schema/runs'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aRuntime, aTenant, aUser, first } from '@/lib/db/test-fixtures'
import type { Role } from '@/lib/permissions'
import { search } from '@/lib/search/queries'
import { SearchAnswer } from '@/lib/search/schemas'

const database = testDatabase()
const state = { tenantId: '', runId: '', acmeId: '' }

beforeEach(async () => {
  const { db } = database
  state.tenantId = await aTenant(db)
  const acme = await aFactory(db, state.tenantId, { name: 'acme', description: 'Main plant' })
  const other = await aFactory(db, state.tenantId, { name: 'not-acme' })
  await aNode(db, await aRuntime(db, acme, { name: 'acme-quay' }), { name: 'acme-quay-1' })
  await aRuntime(db, other, { name: 'quay_2' })
  const definition = { activities: [] } as never
  const invokedBy = { type: 'Manual' as const, userId: null, name: 'Ann' }
  const run = { tenantId: state.tenantId, factoryId: acme.id, pipelineName: 'nightly', definition, invokedBy }
  state.runId = first(await db.insert(pipelineRuns).values(run).returning()).id
  state.acmeId = acme.id
})

async function found(text: string, role: Role | null = 'Reader', factoryRoles: Record<string, Role> = {}) {
  const actor = await aUser(database.db, state.tenantId, role)
  const hits = await search({ actor: { ...actor, factoryRoles }, db: database.db }, text)
  SearchAnswer.parse({ hits })
  return hits.map(({ kind, label }) => `${kind} ${label}`)
}

test('search() finds by every word, and puts what begins with the text first', async () => {
  expect(await found('acme')).toEqual([
    'factory acme',
    'factory not-acme',
    'runtime acme-quay',
    'node acme-quay-1',
  ])
  expect(await found('quay acme')).toEqual(['runtime acme-quay', 'node acme-quay-1'])
  expect(await found('  ')).toEqual([])
})

test('search() takes wildcards literally', async () => {
  expect(await found('_')).toEqual(['runtime quay_2'])
  expect(await found('%')).toEqual([])
})

test('search() finds runs by pipeline and by the beginning of their id', async () => {
  const label = `run nightly · ${state.runId.slice(0, 8)}`
  expect(await found('night')).toEqual([label])
  expect(await found(state.runId.slice(0, 8))).toEqual([label])
})

test('search() shows what the actor may see, and nothing of another tenant', async () => {
  expect(await found('acme', null, { [state.acmeId]: 'Reader' })).toEqual([
    'factory acme',
    'runtime acme-quay',
    'node acme-quay-1',
  ])
  state.tenantId = await aTenant(database.db)
  expect(await found('acme', 'Owner')).toEqual([])
})
