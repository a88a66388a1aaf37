import { sql } from 'drizzle-orm'
import type { z } from 'zod'
import { tasks } from '@/drizzle/schema/runs'
import type { NodeCall } from '@/lib/agent-route'
import type { Db } from '@/lib/db/client'
import type { HeartbeatRequest, HeartbeatResponse } from '@/lib/protocol/poll'
import type { RunningTask } from '@/lib/protocol/task'
import { markActivityStarted } from '@/lib/runs/activity/advance'
import { renewLeases } from '@/lib/tasks/renew'
import { keepLog, sampleActivities } from '@/lib/tasks/report'

/** While tasks run: often enough for a live page, and several times within the shortest lease (5 s). */
const busyIntervalMs = 1500
/** While idle: together with polls, so that silence of 30 s is suspicious (blueprint, section 6). */
const idleIntervalMs = 20_000

/** Renews the leases of what a node runs, and keeps its progress, log and resources. The node waits for its leases only. */
export async function heartbeat(
  db: Db,
  { node, afterwards }: NodeCall,
  request: HeartbeatRequest,
): Promise<z.input<typeof HeartbeatResponse>> {
  const { leases, started, active } = await renewLeases(db, node.nodeId, request)
  const held = new Set(leases.filter(({ state }) => state !== 'fenced').map(({ taskId }) => taskId))
  await keepLines(
    db,
    node.name,
    request.tasks.filter(({ taskId, log }) => held.has(taskId) && log.length > 0),
  )
  await sampleActivities(db, active)
  // In transactions of their own: they take the lock of a run, which whoever ends a task takes before that of the task.
  for (const activityRunId of started)
    afterwards(() => db.transaction((tx) => markActivityStarted(tx, activityRunId)))
  return { leases, intervalMs: request.tasks.length > 0 ? busyIntervalMs : idleIntervalMs }
}

async function keepLines(db: Db, nodeName: string, running: RunningTask[]): Promise<void> {
  if (running.length === 0) return
  const ids = JSON.stringify(running.map(({ taskId }) => taskId))
  const known = await db
    .select({ id: tasks.id, activityRunId: tasks.activityRunId })
    .from(tasks)
    .where(sql`${tasks.id} in (select jsonb_array_elements_text(${ids}::jsonb)::uuid)`)
  const entries = known.flatMap(({ id, activityRunId }) => {
    const lines = running.find(({ taskId }) => taskId === id)?.log ?? []
    return activityRunId ? [{ activityRunId, taskId: id, lines }] : []
  })
  await keepLog(db, { nodeName }, entries)
}
