import { and, eq, inArray, sql } from 'drizzle-orm'
import { tasks } from '@/drizzle/schema/runs'
import { runtimes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import { notFound } from '@/lib/errors'
import { CancelInteractiveInput } from '@/lib/interactive/schemas'
import { type Wake, wake } from '@/lib/tasks/wake'

/** Ends requests that nobody waits for any more: those still queued at once, those on a node through its next poll. */
export const cancelInteractive = command({
  permission: 'linkedServices.test',
  input: CancelInteractiveInput,
  async scope(tx, { taskIds }, actor) {
    const [task] = await tx
      .select({ factoryId: runtimes.factoryId })
      .from(tasks)
      .innerJoin(runtimes, eq(runtimes.id, tasks.runtimeId))
      .where(and(inArray(tasks.id, taskIds), eq(runtimes.tenantId, actor.tenantId)))
      .limit(1)
    if (!task) throw notFound('the request', taskIds[0] ?? '')
    return { tenantId: actor.tenantId, factoryId: task.factoryId }
  },
  async run(tx, { taskIds }, actor) {
    const mine = and(
      inArray(tasks.id, taskIds),
      eq(tasks.interactive, true),
      eq(tasks.requestedBy, actor.kind === 'user' ? actor.userId : ''),
    )
    const dropped = await tx
      .update(tasks)
      .set({ state: 'cancelled', endedAt: sql`now()`, cancelRequestedAt: sql`now()` })
      .where(and(mine, eq(tasks.state, 'queued')))
      .returning({ runtimeId: tasks.runtimeId })
    const stopping = await tx
      .update(tasks)
      .set({ cancelRequestedAt: sql`now()` })
      .where(and(mine, eq(tasks.state, 'leased')))
      .returning({ runtimeId: tasks.runtimeId, nodeId: tasks.nodeId })
    const wakes = stopping.flatMap(({ runtimeId, nodeId }): Wake[] =>
      nodeId === null ? [] : [{ runtimeId, for: 'nodes', nodeIds: [nodeId] }],
    )
    return {
      result: { cancelled: dropped.length + stopping.length },
      audit: null,
      after: () => wake(wakes),
    }
  },
})
