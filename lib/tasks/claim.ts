import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/lib/db/client'
import { relaxedCommit } from '@/lib/db/relaxed-commit'
import type { LeasedTask, TaskSpec } from '@/lib/protocol/task'
import { mayTake } from '@/lib/tasks/eligibility'

/**
 * A lease that nobody has confirmed is short: an answer that a proxy loses costs so long, never a task
 * (reliability-and-security.md, section 1.5). The node renews before it starts.
 */
const firstLeaseSeconds = 20
/** A node that polled this recently counts when tasks are shared out. */
const recentPollSeconds = 60
/** To judge how much each node should take, neither a backlog nor a fleet is counted any further. */
const countedAtMost = 512

export type Claimant = { nodeId: string; runtimeId: string; freeSlots: number; freeInteractive: number }

/**
 * Hands queued tasks to a node: as many as its share among the nodes with free slots, so that a copy spreads. One
 * statement: picked under `SKIP LOCKED`, so that two nodes never get the same task; the epoch only grows and is floored by
 * the database's clock, so that a restored backup cannot rewind it. Its commit need not wait for the disk: a node begins
 * only after it has renewed the lease, which does. Planning the statement costs more than doing it, so it holds only what
 * this claimant has places for.
 */
export async function claimTasks(db: Db, claimant: Claimant): Promise<LeasedTask[]> {
  const { nodeId, runtimeId, freeSlots, freeInteractive } = claimant
  const picks: { name: SQL; query: SQL }[] = []
  if (freeSlots > 0) picks.push({ name: sql`copies`, query: picked(claimant, false, share(claimant)) })
  if (freeInteractive > 0)
    picks.push({ name: sql`requests`, query: picked(claimant, true, sql`${freeInteractive}`) })
  if (picks.length === 0) return []
  const materialized = picks.map(({ name, query }) => sql`${name} as materialized (${query})`)
  const chosen = picks.map(({ name }) => sql`select id from ${name}`)
  const { rows } = await db.execute<ClaimedRow>(sql`
    with claimant as materialized (
      select n.*, least(${firstLeaseSeconds}, r.lease_seconds) as lease_s, ${relaxedCommit}
      from nodes n join runtimes r on r.id = n.runtime_id where n.id = ${nodeId} and r.id = ${runtimeId}),
    ${sql.join(materialized, sql`, `)},
    chosen as materialized (${sql.join(chosen, sql` union all `)}),
    claimed as (
      update tasks t set state = 'leased', node_id = n.id, attempt = t.attempt + 1, started_at = null,
        epoch = greatest(t.epoch + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint),
        lease_until = clock_timestamp() + make_interval(secs => n.lease_s)
      from claimant n, chosen
      where t.id = chosen.id
      returning t.id, t.epoch, t.attempt, t.spec, t.interactive, t.priority, n.id as node_id, n.name as node_name, n.lease_s),
    noted as (
      insert into task_attempts (task_id, epoch, attempt, node_id, node_name)
      select id, epoch, attempt, node_id, node_name from claimed),
    taken as (
      update nodes o set slots_free = greatest(0, o.slots_free - mine.taken)
      from (select count(*)::int as taken from claimed where not interactive) mine
      where o.id = ${nodeId} and mine.taken > 0)
    select id, epoch, attempt, spec, lease_s from claimed order by priority, id`)
  return rows.map((row) => ({
    taskId: row.id,
    epoch: Number(row.epoch),
    attempt: row.attempt,
    leaseMs: row.lease_s * 1000,
    spec: row.spec,
  }))
}

/** The answer could not be given: the node never heard of these tasks. */
export async function returnClaims(db: Db, claims: LeasedTask[]): Promise<void> {
  const claimed = JSON.stringify(claims.map(({ taskId, epoch }) => ({ id: taskId, epoch })))
  await db.execute(sql`
    with unheard as (select * from jsonb_to_recordset(${claimed}::jsonb) as c(id uuid, epoch bigint)),
    returned as (
      update tasks t set state = 'queued', node_id = null, lease_until = null, attempt = t.attempt - 1
      from unheard where t.id = unheard.id and t.epoch = unheard.epoch and t.state = 'leased' and t.started_at is null
      returning t.id, t.epoch)
    update task_attempts a set outcome = 'released', ended_at = now()
    from returned where a.task_id = returned.id and a.epoch = returned.epoch`)
}

/**
 * A node's part of what waits. Two polls of one node may overlap, so that what it says of its free slots is checked against
 * what it has been given.
 */
function share({ nodeId, runtimeId, freeSlots }: Claimant): SQL {
  const waiting = sql`select from tasks t
    where t.runtime_id = ${runtimeId} and t.state = 'queued' and not t.interactive and t.run_after <= now()`
  const takers = sql`select from nodes o
    where o.runtime_id = ${runtimeId} and o.removed_at is null and o.wish = 'active' and o.slots_free > 0
      and o.last_poll_at > now() - make_interval(secs => ${recentPollSeconds})`
  const busy = sql`select count(*) from tasks t
    where t.node_id = ${nodeId} and t.state in ('leased', 'committing') and not t.interactive`
  return sql`(select greatest(0, least(${freeSlots}, n.slots_total - (${busy}),
    ceil((${counted(waiting)})::numeric / greatest((${counted(takers)}), 1))))::int from claimant n)`
}

function counted(rows: SQL): SQL {
  return sql`select count(*) from (${rows} limit ${countedAtMost}) counted`
}

/** The first tasks of the queue that the claimant may take, locked for it. */
function picked({ runtimeId }: Claimant, interactive: boolean, limit: SQL): SQL {
  return sql`
    select t.id from tasks t cross join claimant n
    where t.runtime_id = ${runtimeId} and t.state = 'queued' and t.interactive = ${interactive}
      and t.run_after <= now() and ${mayTake}
    order by t.priority, t.run_after, t.id limit ${limit} for update of t skip locked`
}

type ClaimedRow = { id: string; epoch: string; attempt: number; spec: TaskSpec; lease_s: number }
