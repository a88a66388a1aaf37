import { and, eq, max } from 'drizzle-orm'
import { activityRuns, tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import type { CopyPlan, CopySpec } from '@/lib/protocol/copy-plan'
import type { TaskSpec } from '@/lib/protocol/task'
import type { SingleKind } from '@/lib/runs/activity/activity-machine'
import type { ActivityRow } from '@/lib/runs/activity/load-activity'
import { partResults } from '@/lib/runs/activity/task-results'
import { enqueueTasks, type NewTask } from '@/lib/tasks/enqueue'

/**
 * How often a task may fail before its failure stands; lost nodes and leases do not count. With the queue's backoff that rides out a store that
 * restarts; publishing is tried longest, because giving up there throws every finished part away.
 */
const maxAttemptsByKind = { prepareCopy: 6, copyPart: 8, publishCopy: 10, cleanUpCopy: 6 } as const
/** Smaller goes first: what ends a copy goes before what begins or widens one, so that staging does not pile up. */
const priorityByKind = { cleanUpCopy: -3, publishCopy: -2, prepareCopy: -1, copyPart: 0 } as const

export async function enqueueSingle(tx: Tx, activity: ActivityRow, kind: SingleKind): Promise<void> {
  await enqueue(tx, activity, [{ spec: await singleSpec(tx, activity, kind) }])
}

async function singleSpec(tx: Tx, activity: ActivityRow, kind: SingleKind): Promise<TaskSpec> {
  const copy = activity.spec
  if (kind === 'prepareCopy') return { kind, copy }
  const plan = await storedPlan(tx, activity.id)
  if (kind === 'cleanUpCopy') return plan ? { kind, copy, plan } : { kind, copy }
  if (!plan) throw new Error('A copy is published by its plan')
  return { kind, copy, plan, results: await partResults(tx, activity.id) }
}

/** The next parts that were not yet in the queue, in the order of the plan. */
export async function enqueueParts(tx: Tx, activity: ActivityRow, count: number): Promise<void> {
  const plan = await storedPlan(tx, activity.id)
  if (!plan) throw new Error('Parts are queued by their plan')
  const { parts, ...common } = plan
  const [last] = await tx
    .select({ index: max(tasks.partIndex) })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, activity.id), eq(tasks.kind, 'copyPart')))
  const inOrder = parts.toSorted((a, b) => a.index - b.index)
  const next = inOrder.filter(({ index }) => index > (last?.index ?? -1)).slice(0, count)
  const specs = next.map((part) => ({
    partIndex: part.index,
    spec: { kind: 'copyPart' as const, copy: activity.spec, plan: common, part },
  }))
  await enqueue(tx, activity, specs)
}

async function storedPlan(tx: Tx, activityRunId: string): Promise<CopyPlan | null> {
  const [row] = await tx
    .select({ plan: activityRuns.plan })
    .from(activityRuns)
    .where(eq(activityRuns.id, activityRunId))
  return row?.plan ?? null
}

async function enqueue(
  tx: Tx,
  activity: ActivityRow,
  newTasks: Pick<NewTask, 'spec' | 'partIndex'>[],
): Promise<void> {
  const { id, runtimeId, spec } = activity
  if (runtimeId === null) throw new Error('A copy without integration runtime has no queue')
  const pin = await folderNode(tx, activity)
  await enqueueTasks(
    tx,
    newTasks.map((task) => ({ ...copyTask({ id, runtimeId, spec }, task), ...pin })),
  )
}

type QueuedActivity = { id: string; runtimeId: string; spec: CopySpec }

/** The task with which a copy begins; no node is bound to it yet. */
export function firstTask(activity: QueuedActivity): NewTask {
  return copyTask(activity, { spec: { kind: 'prepareCopy', copy: activity.spec } })
}

function copyTask(
  { id, runtimeId, spec }: QueuedActivity,
  task: Pick<NewTask, 'spec' | 'partIndex'>,
): NewTask {
  return {
    ...task,
    runtimeId,
    activityRunId: id,
    priority: priorityByKind[kindOf(task.spec)],
    maxAttempts: maxAttemptsByKind[kindOf(task.spec)],
    requiredCredentials: requiredCredentials(spec),
  }
}

/** A folder on a node is that node's: what prepared a copy with a folder does the rest of it too. */
async function folderNode(tx: Tx, { id, spec }: ActivityRow): Promise<{ onlyNodeId?: string }> {
  const stores = [spec.source.store, spec.sink.store]
  if (!stores.some(({ address }) => address.type === 'FileServer')) return {}
  const [prepare] = await tx
    .select({ nodeId: tasks.nodeId })
    .from(tasks)
    .where(and(eq(tasks.activityRunId, id), eq(tasks.kind, 'prepareCopy')))
  return prepare?.nodeId ? { onlyNodeId: prepare.nodeId } : {}
}

/** The credentials that a node must have opened to reach both ends. */
export function requiredCredentials({
  source,
  sink,
}: CopySpec): { linkedServiceId: string; version: number }[] {
  return [source.store, sink.store]
    .filter((store) => store.credentialVersion > 0)
    .map((store) => ({ linkedServiceId: store.linkedServiceId, version: store.credentialVersion }))
}

function kindOf(spec: TaskSpec): keyof typeof maxAttemptsByKind {
  if (spec.kind in maxAttemptsByKind) return spec.kind as keyof typeof maxAttemptsByKind
  throw new Error(`${spec.kind} is not a task of a copy`)
}
