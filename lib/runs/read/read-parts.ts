import { and, asc, eq, inArray, ne, or, sql } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import { taskAttempts, tasks } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'
import type { CopyProgress } from '@/lib/protocol/copy-plan'
import type { TaskKind } from '@/lib/protocol/task'
import type { TaskState } from '@/lib/runs/schemas'

/** Parts per page of the table, and bars of the Gantt: a copy may have ten thousand. */
export const partsPerPage = 100

export type RunPart = {
  index: number
  label: string
  /** `planned`: not yet in the queue. */
  state: TaskState | 'planned'
  nodeId: string | null
  epoch: number
  attempt: number
  rows: string
  bytes: string
  rowsResumed: string
  estimatedRows: string | null
  startedAt: string | null
  endedAt: string | null
  trouble: PartTrouble | null
}

/** How the last attempt that went wrong did: by a failure, or with its node. */
export type PartTrouble = { message: string | null; nodeName: string }

/** One page of the parts of a copy, in the order of its plan. */
export async function readParts(db: ReadDb, activityRunId: string, from: number): Promise<RunPart[]> {
  const rows = await db
    .select({
      index: sql<number>`(p.part ->> 'index')::int`,
      label: sql<string>`p.part ->> 'label'`,
      estimatedRows: sql<string | null>`p.part ->> 'estimatedRows'`,
      state: sql<TaskState | null>`t.state`,
      nodeId: sql<string | null>`t.node_id`,
      epoch: sql<string>`coalesce(t.epoch, 0)`,
      attempt: sql<number>`coalesce(t.attempt, 0)`,
      rows: sql<string>`coalesce(t.progress ->> 'rows', '0')`,
      bytes: sql<string>`coalesce(t.progress ->> 'bytes', '0')`,
      rowsResumed: sql<string>`coalesce(t.result -> 'result' ->> 'rowsResumed', '0')`,
      startedAt: isoText('t.started_at'),
      endedAt: isoText('t.ended_at'),
      trouble: sql<PartTrouble | null>`
        (select jsonb_build_object('nodeName', x.node_name, 'message',
           coalesce(case t.state when 'failed' then t.failure ->> 'message' end, x.failure ->> 'message'))
         from task_attempts x where x.task_id = t.id and (x.failure is not null or x.outcome = 'lost') order by x.epoch desc limit 1)`,
    })
    .from(
      sql`activity_runs a
        join lateral jsonb_path_query(a.plan, ${`$.parts[${from} to ${from + partsPerPage - 1}]`}::jsonpath) as p(part) on true
        left join tasks t on t.activity_run_id = a.id and t.kind = 'copyPart' and t.part_index = (p.part ->> 'index')::int`,
    )
    .where(sql`a.id = ${activityRunId}`)
    .orderBy(sql`1`)
  return rows.map((row) => ({ ...row, state: row.state ?? 'planned', epoch: Number(row.epoch) }))
}

/** Text, because a fragment of SQL is not decoded as a column would be. */
function isoText(column: string) {
  return sql<string | null>`to_char(${sql.raw(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

export type RunAttempt = {
  taskId: string
  kind: TaskKind
  activityRunId: string
  partIndex: number | null
  epoch: number
  attempt: number
  nodeId: string | null
  nodeName: string
  from: string
  to: string | null
  outcome: string | null
  message: string | null
}

/** Every hand-over of the tasks that are no part, and of the parts on the page: the bars of the Gantt. */
export async function readAttempts(
  db: ReadDb,
  activityRunIds: readonly string[],
  parts: { activityRunId: string; indexes: readonly number[] } | null,
): Promise<RunAttempt[]> {
  const onPage = parts
    ? and(eq(tasks.activityRunId, parts.activityRunId), inArray(tasks.partIndex, [...parts.indexes]))
    : undefined
  const rows = await db
    .select({
      taskId: tasks.id,
      kind: tasks.kind,
      activityRunId: tasks.activityRunId,
      partIndex: tasks.partIndex,
      epoch: taskAttempts.epoch,
      attempt: taskAttempts.attempt,
      nodeId: taskAttempts.nodeId,
      nodeName: taskAttempts.nodeName,
      leasedAt: taskAttempts.leasedAt,
      startedAt: taskAttempts.startedAt,
      endedAt: taskAttempts.endedAt,
      outcome: taskAttempts.outcome,
      failure: taskAttempts.failure,
    })
    .from(taskAttempts)
    .innerJoin(tasks, eq(tasks.id, taskAttempts.taskId))
    .where(and(inArray(tasks.activityRunId, [...activityRunIds]), or(ne(tasks.kind, 'copyPart'), onPage)))
    .orderBy(asc(taskAttempts.leasedAt))
    .limit(attemptsShown)
  return rows.flatMap(({ activityRunId, leasedAt, startedAt, endedAt, failure, ...row }) =>
    activityRunId === null
      ? []
      : [
          {
            ...row,
            activityRunId,
            from: (startedAt ?? leasedAt).toISOString(),
            to: endedAt?.toISOString() ?? null,
            message: failure?.message ?? null,
          },
        ],
  )
}

/** A part is tried a handful of times; a thousand bars are more than anybody can tell apart. */
const attemptsShown = 1000

/** What the running prepare, publish or clean-up says of itself. */
export async function readStepProgress(
  db: ReadDb,
  activityRunIds: readonly string[],
): Promise<Map<string, CopyProgress>> {
  const rows = await db
    .select({ activityRunId: tasks.activityRunId, progress: tasks.progress })
    .from(tasks)
    .where(
      and(
        inArray(tasks.activityRunId, [...activityRunIds]),
        ne(tasks.kind, 'copyPart'),
        inArray(tasks.state, ['leased', 'committing']),
      ),
    )
  return new Map(
    rows.flatMap(({ activityRunId, progress }) =>
      activityRunId && progress ? [[activityRunId, progress] as const] : [],
    ),
  )
}

/** The activities of which a node runs something at this moment. */
export async function readRunning(db: ReadDb, activityRunIds: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectDistinct({ id: tasks.activityRunId })
    .from(tasks)
    .where(
      and(inArray(tasks.activityRunId, [...activityRunIds]), inArray(tasks.state, ['leased', 'committing'])),
    )
  return new Set(rows.flatMap(({ id }) => id ?? []))
}

/** The nodes of the runtimes that a run uses, also those that are gone: they keep their hue. */
export async function readNodes(
  db: ReadDb,
  runtimeIds: readonly string[],
): Promise<{ id: string; name: string; runtimeId: string }[]> {
  if (runtimeIds.length === 0) return []
  return await db
    .select({ id: nodes.id, name: nodes.displayName, runtimeId: nodes.runtimeId })
    .from(nodes)
    .where(inArray(nodes.runtimeId, [...runtimeIds]))
    .orderBy(asc(nodes.registeredAt))
}
