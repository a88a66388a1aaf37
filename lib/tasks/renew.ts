import { sql } from 'drizzle-orm'
import type { Db } from '@/lib/db/client'
import type { HeartbeatRequest } from '@/lib/protocol/poll'
import type { RenewedLease, RunningTask } from '@/lib/protocol/task'
import type { z } from 'zod'

export type Renewal = {
  leases: z.infer<typeof RenewedLease>[]
  /** Activities that a node has begun with and that still count as queued. */
  started: string[]
  /** Activities that have something to show. */
  active: string[]
}

/**
 * Notes that a node lives, renews the leases of what it runs and takes its progress. Every row says id and epoch: who asks with an older epoch
 * has been replaced and must stop. A lease that lapsed may be renewed as long as nobody took the task, so that a portal
 * that was away for longer than a lease costs nothing.
 */
export async function renewLeases(
  db: Db,
  nodeId: string,
  { tasks: running, resources }: Pick<HeartbeatRequest, 'tasks' | 'resources'>,
): Promise<Renewal> {
  const told = JSON.stringify(
    running.map(({ taskId, epoch, committing, progress }) => ({ id: taskId, epoch, committing, progress })),
  )
  const { rows } = await db.execute<RenewedRow>(sql`
    with told as (
      select * from jsonb_to_recordset(${told}::jsonb) as t(id uuid, epoch bigint, committing boolean, progress jsonb)),
    mine as materialized (
      select t.id from tasks t join told on told.id = t.id and told.epoch = t.epoch
      where (t.state in ('leased', 'committing') and t.node_id = ${nodeId})
        or (t.state = 'queued' and exists (
          select from task_attempts a
          where a.task_id = t.id and a.epoch = t.epoch and a.node_id = ${nodeId} and a.outcome = 'lost'))
      order by t.id for update of t),
    renewed as (
      update tasks t set node_id = ${nodeId}, lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds),
        state = case when told.committing or t.state = 'committing' then 'committing' else 'leased' end,
        started_at = coalesce(t.started_at, now()), progress = coalesce(told.progress, t.progress),
        lost_attempts = case when t.state = 'queued' then greatest(0, t.lost_attempts - 1) else t.lost_attempts end
      from told, runtimes r
      where t.id in (select id from mine) and told.id = t.id and r.id = t.runtime_id
      returning t.id, t.epoch, t.activity_run_id, t.cancel_requested_at is not null as cancel, r.lease_seconds,
        t.started_at = now()::timestamptz(3) as started, told.progress is not null as progressed,
        (select a.status = 'Queued' from activity_runs a where a.id = t.activity_run_id) as queued),
    resumed as (
      update task_attempts a set outcome = null, ended_at = null, started_at = coalesce(a.started_at, now())
      from renewed where a.task_id = renewed.id and a.epoch = renewed.epoch and (renewed.started or a.outcome = 'lost')),
    seen as (
      update nodes set last_seen_at = now(), resources = coalesce(${resources ? JSON.stringify(resources) : null}::jsonb, resources)
      where id = ${nodeId})
    select * from renewed`)
  return { leases: leasesOf(running, rows), ...activitiesOf(rows) }
}

function leasesOf(running: RunningTask[], rows: RenewedRow[]): Renewal['leases'] {
  const renewed = new Map(rows.map((row) => [row.id, row]))
  return running.map(({ taskId, epoch }) => {
    const row = renewed.get(taskId)
    if (!row) return { taskId, epoch, state: 'fenced', leaseMs: 0 }
    return { taskId, epoch, state: row.cancel ? 'cancel' : 'held', leaseMs: row.lease_seconds * 1000 }
  })
}

function activitiesOf(rows: RenewedRow[]): Pick<Renewal, 'started' | 'active'> {
  const ids = (wanted: (row: RenewedRow) => boolean) => [
    ...new Set(rows.filter(wanted).flatMap((row) => row.activity_run_id ?? [])),
  ]
  return { started: ids((row) => row.queued === true), active: ids((row) => row.progressed) }
}

type RenewedRow = {
  id: string
  epoch: string
  activity_run_id: string | null
  cancel: boolean
  lease_seconds: number
  queued: boolean | null
  progressed: boolean
}
