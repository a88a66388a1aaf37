import { and, desc, eq, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { tasks } from '@/drizzle/schema/runs'
import { runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import type { ReadDb } from '@/lib/db/client'
import { drawMap, type MapFacts, type StoreMap } from '@/lib/factories/store-map'
import type { FailureCode } from '@/lib/protocol/failure'

/** Failures that say something about the way to a store; others are about what lies in it. */
const wayCodes = [
  'source_unreachable',
  'sink_unreachable',
  'dns_failed',
  'tls_failed',
  'login_failed',
  'policy_denied',
  'credential_unavailable',
] as const satisfies readonly FailureCode[]
/** Older outcomes say little about now. */
const freshMinutes = 15

/** The map of a factory's stores and nodes. The caller has authorised. */
export async function readMap(db: ReadDb, factoryId: string, nodes: MapFacts['nodes']): Promise<StoreMap> {
  const stores = await db
    .select({
      id: linkedServices.id,
      name: linkedServices.name,
      type: linkedServices.type,
      runtimeId: linkedServices.runtimeId,
      needsCredential: sql<boolean>`${linkedServices.credentialVersion} > 0`,
    })
    .from(linkedServices)
    .where(eq(linkedServices.factoryId, factoryId))
    .orderBy(sql`lower(${linkedServices.name})`)
  const credentials = await db
    .select({
      nodeId: nodeCredentials.nodeId,
      storeId: nodeCredentials.linkedServiceId,
      opened: sql<boolean>`${nodeCredentials.openedAt} is not null and ${nodeCredentials.version} >= ${linkedServices.credentialVersion}`,
      error: nodeCredentials.error,
    })
    .from(nodeCredentials)
    .innerJoin(linkedServices, eq(linkedServices.id, nodeCredentials.linkedServiceId))
    .where(eq(linkedServices.factoryId, factoryId))
  const flows = await readFlows(db, factoryId)
  return drawMap({ stores, nodes, credentials, flows, outcomes: await readOutcomes(db, factoryId) })
}

const end = (side: 'source' | 'sink') =>
  sql<string>`${tasks.spec} -> 'copy' -> ${sql.raw(`'${side}'`)} -> 'store' ->> 'linkedServiceId'`

async function readFlows(db: ReadDb, factoryId: string): Promise<MapFacts['flows']> {
  const rows = await db
    .select({ nodeId: tasks.nodeId, source: end('source'), sink: end('sink') })
    .from(tasks)
    .innerJoin(runtimes, eq(runtimes.id, tasks.runtimeId))
    .where(
      and(
        eq(runtimes.factoryId, factoryId),
        sql`${tasks.state} in ('leased', 'committing') and ${tasks.nodeId} is not null and not ${tasks.interactive}`,
      ),
    )
  return rows.flatMap(({ nodeId, source, sink }) =>
    nodeId === null ? [] : [source, sink].map((storeId) => ({ nodeId, storeId })),
  )
}

/** Looks no further back, however busy a factory is. */
const outcomesRead = 500

/** The newest copy or connection test of each node and store: a problem, or that the way was open. */
async function readOutcomes(db: ReadDb, factoryId: string): Promise<MapFacts['outcomes']> {
  // What a task says lies beside its row: it is looked up for the newest only.
  const latest = db
    .select({ id: tasks.id })
    .from(tasks)
    .innerJoin(runtimes, eq(runtimes.id, tasks.runtimeId))
    .where(
      and(
        eq(runtimes.factoryId, factoryId),
        sql`${tasks.nodeId} is not null and ${tasks.state} in ('succeeded', 'failed')
          and ${tasks.endedAt} > now() - ${freshMinutes} * interval '1 minute'`,
      ),
    )
    .orderBy(desc(tasks.endedAt))
    .limit(outcomesRead)
    .as('latest')
  const rows = await db
    .select({
      nodeId: tasks.nodeId,
      store: sql<string | null>`${tasks.spec} -> 'store' ->> 'linkedServiceId'`,
      source: sql<string | null>`${end('source')}`,
      sink: sql<string | null>`${end('sink')}`,
      failure: tasks.failure,
      failedStep: sql<string | null>`(select step ->> 'detail'
        from jsonb_array_elements(${tasks.result} -> 'result' -> 'steps') step
        where ${tasks.kind} = 'testConnection' and not (step ->> 'ok')::boolean limit 1)`,
    })
    .from(tasks)
    .innerJoin(latest, eq(latest.id, tasks.id))
    .orderBy(desc(tasks.endedAt))
  const newest = new Map<string, MapFacts['outcomes'][number]>()
  for (const { nodeId, store, source, sink, failure, failedStep } of rows) {
    const way = failure && wayCodes.some((code) => code === failure.code) ? failure : null
    const ends = [
      { storeId: store, problem: failedStep ?? way?.message ?? null },
      { storeId: source, problem: way && way.side !== 'sink' ? way.message : null },
      { storeId: sink, problem: way && way.side !== 'source' ? way.message : null },
    ]
    for (const { storeId, problem } of ends) {
      if (nodeId === null || storeId === null || newest.has(`${nodeId} ${storeId}`)) continue
      newest.set(`${nodeId} ${storeId}`, { nodeId, storeId, problem })
    }
  }
  return [...newest.values()]
}
