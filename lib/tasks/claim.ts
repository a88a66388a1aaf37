import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/lib/db/client'
import type { LeasedTask, TaskSpec } from '@/lib/protocol/task'
import { mayTake } from '@/lib/tasks/eligibility'

/**
 * A lease that nobody has confirmed is short: an answer that a proxy loses costs so long, never a task
 * (reliability-and-security.md, section 1.5). The node renews before it starts.
 */
const firstLeaseSeconds = 20
/** A node that polled this recently counts when tasks are shared out. */
const recentPollSeconds = 60
/** Looks no further into a backlog to judge how much each node should take. */
const demandLimit = 512

export type Claimant = { nodeId: string; freeSlots: number; freeInteractive: number }

/**
 * Hands queued tasks to a node: as many as its share among the nodes with free slots, so that a copy spreads. One
 * statement: picked under `SKIP LOCKED`, so that two nodes never get the same task; the epoch only grows and is floored by
 * the database's clock, so that a restored backup cannot rewind it.
 */
export async function claimTasks(db: Db, claimant: Claimant): Promise<LeasedTask[]> {
  const { nodeId, freeSlots, freeInteractive } = claimant
  const { rows } = await db.execute<ClaimedRow>(sql`
    with claimant as materialized (
      select n.*, least(${firstLeaseSeconds}, r.lease_seconds) as lease_s
      from nodes n join runtimes r on r.id = n.runtime_id where n.id = ${nodeId}),
    demand as materialized (
      select count(*) as tasks from (
        select from tasks t join claimant n on t.runtime_id = n.runtime_id
        where t.state = 'queued' and not t.interactive and t.run_after <= now() limit ${demandLimit}) waiting),
    takers as materialized (
      select count(*) as nodes from nodes o join claimant n on o.runtime_id = n.runtime_id
      where o.removed_at is null and o.wish = 'active' and o.slots_free > 0
        and o.last_poll_at > now() - make_interval(secs => ${recentPollSeconds})),
    busy as materialized (
      select count(*) as slots from tasks t join claimant n on t.node_id = n.id
      where t.state in ('leased', 'committing') and not t.interactive),
    copies as materialized (${picked(false, share(freeSlots))}),
    requests as materialized (${picked(true, sql`${freeInteractive}`)}),
    claimed as (
      update tasks t set state = 'leased', node_id = n.id, attempt = t.attempt + 1, started_at = null,
        epoch = greatest(t.epoch + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint),
        lease_until = clock_timestamp() + make_interval(secs => n.lease_s)
      from claimant n
      where t.id in (select id from copies union all select id from requests)
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
function share(freeSlots: number): SQL {
  return sql`(select greatest(0, least(${freeSlots}, n.slots_total - busy.slots,
    ceil(demand.tasks::numeric / greatest(takers.nodes, 1))))::int from demand, takers, busy, claimant n)`
}

/** The first tasks of the queue that the claimant may take, locked for it. */
function picked(interactive: boolean, limit: SQL): SQL {
  return sql`
    select t.id from tasks t join claimant n on t.runtime_id = n.runtime_id
    where t.state = 'queued' and t.interactive = ${interactive} and t.run_after <= now() and ${mayTake}
    order by t.priority, t.run_after, t.id limit ${limit} for update of t skip locked`
}

type ClaimedRow = { id: string; epoch: string; attempt: number; spec: TaskSpec; lease_s: number }
