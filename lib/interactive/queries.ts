import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { tasks } from '@/drizzle/schema/runs'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { nodeCredentials } from '@/drizzle/schema/vault'
import { type Context, requirePermission } from '@/lib/command'
import type { ReadDb } from '@/lib/db/client'
import { notFound } from '@/lib/errors'
import { watchAnswer } from '@/lib/interactive/answer-wake'
import { explainSilence, type HinderedNode, hindranceOf, isHopeless } from '@/lib/interactive/hindrance'
import {
  type InteractiveAnswer,
  type InteractiveState,
  interactiveQueueMs,
  interactiveTotalMs,
} from '@/lib/interactive/schemas'
import type { Failure } from '@/lib/protocol/failure'

/** Other portal processes have no way to wake this one: look at least this often. */
const lookEveryMs = 500

/** The answer to a request of this user, or how far it got. */
export async function getInteractiveAnswer(ctx: Context, taskId: string): Promise<InteractiveAnswer> {
  const task = await findRequest(ctx, taskId)
  if (!task) throw notFound('the request', taskId)
  requirePermission(ctx, 'linkedServices.read', {
    tenantId: ctx.actor.tenantId,
    factoryId: task.factoryId,
  })
  return await answerOf(ctx.db, task, new Date())
}

/** Waits until the request got further than `seen`, or `holdMs` have passed. */
export async function waitForInteractiveAnswer(
  ctx: Context,
  taskId: string,
  wait: { seen: InteractiveState | null; holdMs: number; signal: AbortSignal },
): Promise<InteractiveAnswer> {
  const until = performance.now() + wait.holdMs
  const watch = watchAnswer(taskId)
  try {
    for (;;) {
      const answer = await getInteractiveAnswer(ctx, taskId)
      const leftMs = until - performance.now()
      if (answer.state !== wait.seen || leftMs <= 0 || wait.signal.aborted) return answer
      await watch.next(Math.min(lookEveryMs, leftMs), wait.signal)
    }
  } finally {
    watch.end()
  }
}

type RequestedTask = NonNullable<Awaited<ReturnType<typeof findRequest>>>

/** Only who asked may read the answer; for everybody else there is no such request. */
async function findRequest({ actor, db }: Context, taskId: string) {
  const [task] = await db
    .select({
      id: tasks.id,
      state: tasks.state,
      spec: tasks.spec,
      result: tasks.result,
      failure: tasks.failure,
      requiredCredentials: tasks.requiredCredentials,
      onlyNodeId: tasks.onlyNodeId,
      storeTypes: tasks.storeTypes,
      createdAt: tasks.createdAt,
      startedAt: tasks.startedAt,
      endedAt: tasks.endedAt,
      runtimeId: tasks.runtimeId,
      runtimeName: runtimes.name,
      factoryId: runtimes.factoryId,
      nodeName: answering.displayName,
    })
    .from(tasks)
    .innerJoin(runtimes, eq(runtimes.id, tasks.runtimeId))
    .leftJoin(answering, eq(answering.id, tasks.nodeId))
    .where(
      and(
        eq(tasks.id, taskId),
        eq(tasks.interactive, true),
        eq(tasks.requestedBy, actor.kind === 'user' ? actor.userId : taskId),
        eq(runtimes.tenantId, actor.tenantId),
      ),
    )
  return task
}
const answering = alias(nodes, 'answering')

async function answerOf(db: ReadDb, task: RequestedTask, now: Date): Promise<InteractiveAnswer> {
  const { state, nodeName, createdAt } = task
  if (state === 'succeeded' && task.result) {
    const durationMs = (task.endedAt ?? now).getTime() - (task.startedAt ?? createdAt).getTime()
    return {
      state: 'answered',
      nodeName: nodeName ?? '',
      durationMs: Math.max(0, durationMs),
      output: task.result,
    }
  }
  if (state === 'failed' || state === 'cancelled' || state === 'succeeded')
    return { state: 'failed', nodeName, failure: task.failure ?? cancelled }
  const ageMs = now.getTime() - createdAt.getTime()
  if (state === 'queued') {
    const asked = await listAskedNodes(db, task, now)
    if (ageMs > interactiveQueueMs || isHopeless(asked))
      return { state: 'failed', nodeName: null, failure: silence(task.runtimeName, asked) }
    const said = asked.map(({ name, hindrance }) => ({ name, hindrance: hindrance.text }))
    return { state: 'waiting', since: createdAt.toISOString(), runtimeName: task.runtimeName, nodes: said }
  }
  if (ageMs > interactiveTotalMs)
    return { state: 'failed', nodeName, failure: tooSlow(nodeName ?? 'The node') }
  return { state: 'asking', since: (task.startedAt ?? createdAt).toISOString(), nodeName: nodeName ?? '' }
}

const cancelled: Failure = {
  code: 'cancelled',
  message: 'The request was cancelled',
  side: 'portal',
  retryable: true,
}
function silence(runtimeName: string, asked: HinderedNode[]): Failure {
  return { code: 'timeout', message: explainSilence(runtimeName, asked), side: 'portal', retryable: true }
}
function tooSlow(nodeName: string): Failure {
  const message = `"${nodeName}" took the request and did not answer within ${interactiveTotalMs / 1000} s`
  return { code: 'timeout', message, side: 'node', retryable: true }
}

/** The nodes that may answer, with what keeps each from it now. */
async function listAskedNodes(
  db: ReadDb,
  task: Pick<RequestedTask, 'runtimeId' | 'onlyNodeId' | 'requiredCredentials' | 'storeTypes'>,
  now: Date,
): Promise<HinderedNode[]> {
  const [needed] = task.requiredCredentials
  const rows = await db
    .select({
      name: nodes.displayName,
      lastSeenAt: nodes.lastSeenAt,
      wish: nodes.wish,
      capabilities: nodes.capabilities,
      quarantinedAt: nodes.quarantinedAt,
      interactiveFree: nodes.interactiveFree,
      credential: {
        version: nodeCredentials.version,
        openedAt: nodeCredentials.openedAt,
        error: nodeCredentials.error,
      },
    })
    .from(nodes)
    .leftJoin(
      nodeCredentials,
      and(
        eq(nodeCredentials.nodeId, nodes.id),
        needed ? eq(nodeCredentials.linkedServiceId, needed.linkedServiceId) : sql`false`,
      ),
    )
    .where(
      and(
        eq(nodes.runtimeId, task.runtimeId),
        isNull(nodes.removedAt),
        task.onlyNodeId ? eq(nodes.id, task.onlyNodeId) : undefined,
      ),
    )
    .orderBy(asc(nodes.displayName))
  const need = {
    credentialVersion: needed?.version ?? 0,
    storeTypes: task.storeTypes,
    named: task.onlyNodeId !== null,
    now,
  }
  return rows.map((node) => ({ name: node.name, hindrance: hindranceOf(node, need) }))
}
