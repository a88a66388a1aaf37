import { and, desc, eq, gt, isNull, sql } from 'drizzle-orm'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import { runtimes } from '@/drizzle/schema/runtimes'
import type { Context } from '@/lib/command'
import type { ReadDb } from '@/lib/db/client'
import { type Attention, findAttention } from '@/lib/factories/attention'
import { type LastDay, readLastDay } from '@/lib/factories/last-day'
import { readMap } from '@/lib/factories/read-map'
import type { StoreMap } from '@/lib/factories/store-map'
import { type NodeRow, selectNodes } from '@/lib/nodes/read'
import type { RunListItem } from '@/lib/runs/read/list-runs'
import { listRuns } from '@/lib/runs/queries'

/** In one answer, because the page is live. Times are ISO text. */
export type FactoryOverview = {
  nodes: { online: number; total: number }
  runningRuns: number
  lastDay: LastDay
  map: StoreMap
  attention: Attention[]
  latestRuns: RunListItem[]
}

const latestCount = 6

/** The numbers of a factory's first page, and what needs attention. The caller has authorised. */
export async function readOverview(ctx: Context, factoryId: string): Promise<FactoryOverview> {
  const { db } = ctx
  const nodes = await selectNodes(db, eq(runtimes.factoryId, factoryId))
  const named = await withRuntimeNames(db, factoryId, nodes)
  const map = await readMap(db, factoryId, named)
  const attention = findAttention({
    nodes: named,
    blockedWays: blockedWays(map),
    runtimes: await readRuntimes(db, factoryId, nodes),
    failedRuns: await readFailedRuns(db, factoryId),
  })
  const online = nodes.filter(({ status }) => status.state === 'Online').length
  const { runs: latestRuns } = await listRuns(
    ctx,
    { id: factoryId, tenantId: ctx.actor.tenantId },
    { limit: latestCount },
  )
  return {
    nodes: { online, total: nodes.length },
    runningRuns: await countRunning(db, factoryId),
    lastDay: await readLastDay(db, factoryId),
    map,
    attention,
    latestRuns,
  }
}

const dayAgo = sql`now() - interval '24 hours'`

function blockedWays({ links, stores, places }: StoreMap) {
  return links.flatMap(({ storeId, placeId, problem }) => {
    const store = stores.find(({ id }) => id === storeId)?.name
    const place = places.find(({ id }) => id === placeId)?.name
    return problem === null || store === undefined || place === undefined ? [] : [{ store, place, problem }]
  })
}

async function countRunning(db: ReadDb, factoryId: string): Promise<number> {
  const [counted] = await db
    .select({ running: sql<number>`count(*)::int` })
    .from(pipelineRuns)
    .where(and(eq(pipelineRuns.factoryId, factoryId), isNull(pipelineRuns.endedAt)))
  return counted?.running ?? 0
}

/** Of each pipeline its newest run, where that one failed: a later success has settled the earlier failure. */
async function readFailedRuns(db: ReadDb, factoryId: string) {
  const newest = db
    .selectDistinctOn([pipelineRuns.pipelineName], {
      id: pipelineRuns.id,
      pipelineName: pipelineRuns.pipelineName,
      status: pipelineRuns.status,
      endedAt: pipelineRuns.endedAt,
    })
    .from(pipelineRuns)
    .where(and(eq(pipelineRuns.factoryId, factoryId), gt(pipelineRuns.endedAt, dayAgo)))
    .orderBy(pipelineRuns.pipelineName, desc(pipelineRuns.queuedAt))
    .as('newest')
  const rows = await db
    .select({
      id: newest.id,
      pipelineName: newest.pipelineName,
      endedAt: newest.endedAt,
      failure: activityRuns.failure,
    })
    .from(newest)
    .leftJoin(activityRuns, and(eq(activityRuns.pipelineRunId, newest.id), eq(activityRuns.status, 'Failed')))
    .where(eq(newest.status, 'Failed'))
    .orderBy(desc(newest.endedAt), activityRuns.ordinal)
    .limit(20)
  const seen = new Set<string>()
  return rows.flatMap(({ endedAt, ...run }) => {
    if (!endedAt || seen.has(run.id)) return []
    seen.add(run.id)
    return [{ ...run, endedAt: endedAt.toISOString() }]
  })
}

async function readRuntimes(db: ReadDb, factoryId: string, nodes: NodeRow[]) {
  const rows = await db
    .select({
      id: runtimes.id,
      name: runtimes.name,
      oldestWaitingSeconds: sql<number | null>`(
        select extract(epoch from now() - min(t.run_after))::float8 from tasks t
        where t.runtime_id = runtimes.id and t.state = 'queued' and not t.interactive and t.run_after <= now())`,
    })
    .from(runtimes)
    .where(eq(runtimes.factoryId, factoryId))
  return rows.map((row) => ({ ...row, nodes: nodes.filter(({ runtimeId }) => runtimeId === row.id).length }))
}

async function withRuntimeNames(db: ReadDb, factoryId: string, nodes: NodeRow[]) {
  const names = new Map(
    (
      await db
        .select({ id: runtimes.id, name: runtimes.name })
        .from(runtimes)
        .where(eq(runtimes.factoryId, factoryId))
    ).map(({ id, name }) => [id, name]),
  )
  return nodes.map(({ id, displayName, runtimeId, vault, status: { state, reason } }) => ({
    id,
    displayName,
    runtimeId,
    runtime: names.get(runtimeId) ?? '',
    state,
    awaitsApproval: vault.approvalSince !== null,
    since: reason.since?.toISOString() ?? null,
    remedy: reason.remedies[0],
  }))
}
