import { sql } from 'drizzle-orm'
import type { ReadDb, Db } from '@/lib/db/client'
import type { NodeWish } from '@/lib/nodes/schemas'

/** What waits in a runtime's queue, as far as it decides who should look. */
export type Demand = { copies: number; requests: number; requestsByNode: Record<string, number> }
/** What the portal could tell one node. */
export type NodeNews = {
  wish: NodeWish
  removedAt: Date | null
  quarantinedAt: Date | null
  vaultVersion: number
  cancels: { taskId: string; epoch: number; requestedAt: Date }[]
}
export type RuntimeNews = { demand: Demand; nodes: Map<string, NodeNews> }

/** Looks no further into a backlog. */
const demandLimit = 512

/** One query for all nodes of a runtime that wait: what is queued, and what each should hear. A node without entry was deleted. */
export async function readNews(
  db: Pick<Db & ReadDb, 'execute'>,
  runtimeId: string,
  nodeIds: string[],
): Promise<RuntimeNews> {
  const { rows } = await db.execute<NewsRow>(sql`
    with waiting as materialized (
      select interactive, only_node_id from tasks
      where runtime_id = ${runtimeId} and state = 'queued' and run_after <= now()
      order by priority, run_after limit ${demandLimit}),
    demand as materialized (
      select count(*) filter (where not interactive)::int as copies,
        count(*) filter (where interactive and only_node_id is null)::int as requests,
        (select json_object_agg(only_node_id, number) from (
          select only_node_id, count(*)::int as number from waiting where only_node_id is not null group by 1) named
        ) as requests_by_node
      from waiting)
    select n.id, n.name, n.wish, n.removed_at, n.quarantined_at, r.vault_version, d.copies, d.requests, d.requests_by_node,
      (select json_agg(json_build_object('taskId', t.id, 'epoch', t.epoch, 'requestedAt', t.cancel_requested_at))
        from tasks t where t.node_id = n.id and t.state in ('leased', 'committing')
        and t.cancel_requested_at is not null) as cancels
    from nodes n join runtimes r on r.id = n.runtime_id cross join demand d
    where n.runtime_id = ${runtimeId}
      and n.id in (select jsonb_array_elements_text(${JSON.stringify(nodeIds)}::jsonb)::uuid)`)
  const [first] = rows
  const demand = {
    copies: first?.copies ?? 0,
    requests: first?.requests ?? 0,
    requestsByNode: first?.requests_by_node ?? {},
  }
  return { demand, nodes: new Map(rows.map((row) => [row.id, newsOf(row)])) }
}

type NewsRow = {
  id: string
  wish: NodeWish
  removed_at: string | null
  quarantined_at: string | null
  vault_version: string
  copies: number
  requests: number
  requests_by_node: Record<string, number> | null
  cancels: { taskId: string; epoch: number; requestedAt: string }[] | null
}

function newsOf(row: NewsRow): NodeNews {
  return {
    wish: row.wish,
    removedAt: row.removed_at === null ? null : new Date(row.removed_at),
    quarantinedAt: row.quarantined_at === null ? null : new Date(row.quarantined_at),
    vaultVersion: Number(row.vault_version),
    cancels: (row.cancels ?? []).map((cancel) => ({
      ...cancel,
      requestedAt: new Date(cancel.requestedAt),
    })),
  }
}
