import { sql } from 'drizzle-orm'
import type { ReadDb, Db } from '@/lib/db/client'
import type { NodeWish } from '@/lib/nodes/schemas'
import { mayTake } from '@/lib/tasks/eligibility'

/** How many queued tasks there are: copies, and requests that a person waits for. */
export type Demand = { copies: number; requests: number }
/** What the portal could tell one node. */
export type NodeNews = {
  wish: NodeWish
  removedAt: Date | null
  quarantinedAt: Date | null
  vaultVersion: number
  cancels: { taskId: string; epoch: number; requestedAt: Date }[]
  /** Of what is queued, what this node may take. */
  mayTake: Demand
}
export type RuntimeNews = { demand: Demand; nodes: Map<string, NodeNews> }

/** Looks no further into a backlog. */
const demandLimit = 512

/**
 * One query for nodes of a runtime that wait: what is queued, and what each should hear and may take. A node without entry
 * was deleted. Tasks that ask the same of a node are judged once, so that a long queue costs as little as a short one.
 */
export async function readNews(
  db: Pick<Db & ReadDb, 'execute'>,
  runtimeId: string,
  nodeIds: readonly string[],
): Promise<RuntimeNews> {
  const { rows } = await db.execute<NewsRow>(sql`
    with waiting as materialized (
      select kind, interactive, only_node_id, store_types, required_credentials from tasks
      where runtime_id = ${runtimeId} and state = 'queued' and run_after <= now()
      order by priority, run_after limit ${demandLimit}),
    alike as materialized (
      select kind, interactive, only_node_id, store_types, required_credentials, count(*)::int as number
      from waiting group by 1, 2, 3, 4, 5),
    demand as materialized (select ${counts} from alike t)
    select n.id, n.wish, n.removed_at, n.quarantined_at, r.vault_version, d.copies, d.requests,
      may.copies as may_copy, may.requests as may_request,
      (select json_agg(json_build_object('taskId', t.id, 'epoch', t.epoch, 'requestedAt', t.cancel_requested_at))
        from tasks t where t.node_id = n.id and t.state in ('leased', 'committing')
        and t.cancel_requested_at is not null) as cancels
    from nodes n join runtimes r on r.id = n.runtime_id cross join demand d
    cross join lateral (select ${counts} from alike t where ${mayTake}) may
    where n.runtime_id = ${runtimeId}
      and n.id in (select jsonb_array_elements_text(${JSON.stringify(nodeIds)}::jsonb)::uuid)`)
  const [first] = rows
  return {
    demand: { copies: first?.copies ?? 0, requests: first?.requests ?? 0 },
    nodes: new Map(rows.map((row) => [row.id, newsOf(row)])),
  }
}

const counts = sql`coalesce(sum(t.number) filter (where not t.interactive), 0)::int as copies,
  coalesce(sum(t.number) filter (where t.interactive), 0)::int as requests`

type NewsRow = {
  id: string
  wish: NodeWish
  removed_at: string | null
  quarantined_at: string | null
  vault_version: string
  copies: number
  requests: number
  may_copy: number
  may_request: number
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
    mayTake: { copies: row.may_copy, requests: row.may_request },
  }
}
