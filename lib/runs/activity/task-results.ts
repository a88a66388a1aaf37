import { and, asc, eq, isNotNull } from 'drizzle-orm'
import { tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import type { CopyPlan, CopyReceipt, PartResult } from '@/lib/protocol/copy-plan'
import { type TaskKind, TaskResult } from '@/lib/protocol/task'

/** What the activity's one `prepareCopy` task decided. */
export async function preparedPlan(tx: Tx, activityRunId: string): Promise<CopyPlan> {
  const result = await resultOf(tx, activityRunId, 'prepareCopy')
  if (result.kind !== 'prepareCopy') throw new Error(`A prepareCopy task answered ${result.kind}`)
  return result.result
}

/** What the activity's one `publishCopy` task can say of the copy. */
export async function publishedReceipt(tx: Tx, activityRunId: string): Promise<CopyReceipt> {
  const result = await resultOf(tx, activityRunId, 'publishCopy')
  if (result.kind !== 'publishCopy') throw new Error(`A publishCopy task answered ${result.kind}`)
  return result.result
}

async function resultOf(tx: Tx, activityRunId: string, kind: TaskKind): Promise<TaskResult> {
  const [task] = await tx
    .select({ result: tasks.result })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, activityRunId), eq(tasks.kind, kind), eq(tasks.state, 'succeeded')))
  return TaskResult.parse(task?.result)
}

export async function partResults(
  tx: Tx,
  activityRunId: string,
): Promise<{ index: number; epoch: number; result: PartResult }[]> {
  const rows = await tx
    .select({ index: tasks.partIndex, epoch: tasks.epoch, result: tasks.result })
    .from(tasks)
    .where(
      and(
        eq(tasks.activityRunId, activityRunId),
        eq(tasks.kind, 'copyPart'),
        eq(tasks.state, 'succeeded'),
        isNotNull(tasks.partIndex),
      ),
    )
    .orderBy(asc(tasks.partIndex))
  return rows.map(({ index, epoch, result }) => {
    const parsed = TaskResult.parse(result)
    if (parsed.kind !== 'copyPart' || index === null)
      throw new Error(`Part ${index} has a result of ${parsed.kind}`)
    return { index, epoch, result: parsed.result }
  })
}
