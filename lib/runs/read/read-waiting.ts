import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { runtimes } from '@/drizzle/schema/runtimes'
import { tasks } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'
import { explainWaiting, type NodeReason } from '@/lib/tasks/explain-waiting'

/** Why an activity stands still: none of its tasks runs, and the first of them waits in the queue. */
export type Waiting = {
  since: string
  runtimeName: string
  /** How often it was handed out before, and what went wrong last. */
  attempt: number
  trouble: string | null
  nodes: NodeReason[]
  /** Linked services whose secret nobody can open any more: somebody must enter it again. */
  lostSecrets: string[]
}

/** For the activities of a run of which nothing runs at this moment. */
export async function readWaiting(
  db: ReadDb,
  activityRunIds: readonly string[],
): Promise<Map<string, Waiting>> {
  if (activityRunIds.length === 0) return new Map()
  const heads = await db
    .selectDistinctOn([tasks.activityRunId], {
      taskId: tasks.id,
      activityRunId: tasks.activityRunId,
      since: tasks.createdAt,
      attempt: tasks.attempt,
      failure: tasks.failure,
      runtimeName: runtimes.name,
      lostSecrets: sql<string[]>`array(
        select lost.name from jsonb_to_recordset(${tasks.requiredCredentials}) as needed("linkedServiceId" uuid, version int)
        join ${linkedServices} lost on lost.id = needed."linkedServiceId"
        where needed.version > 0 and lost.sealed_credential is null order by lost.name)`,
    })
    .from(tasks)
    .innerJoin(runtimes, eq(runtimes.id, tasks.runtimeId))
    .where(and(inArray(tasks.activityRunId, [...activityRunIds]), eq(tasks.state, 'queued')))
    .orderBy(asc(tasks.activityRunId), asc(tasks.priority), asc(tasks.runAfter), asc(tasks.id))
  const reasons = await explainWaiting(
    db,
    heads.map(({ taskId }) => taskId),
  )
  return new Map(
    heads.flatMap(({ activityRunId, taskId, since, failure, ...head }) =>
      activityRunId === null
        ? []
        : [
            [
              activityRunId,
              {
                ...head,
                since: since.toISOString(),
                trouble: failure?.message ?? null,
                nodes: reasons.get(taskId) ?? [],
              },
            ] as const,
          ],
    ),
  )
}
