import { and, eq, notInArray, or, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { runtimes } from '@/drizzle/schema/runtimes'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import { command } from '@/lib/command'
import { datasetsIn } from '@/lib/datasets/users'
import type { Tx } from '@/lib/db/client'
import { conflict, requireTypedName } from '@/lib/errors'
import { DeleteLinkedServiceInput } from '@/lib/linked-services/schemas'
import { linkedServiceScope, requireLinkedService } from '@/lib/linked-services/scope'
import { namesOf } from '@/lib/phrases'
import { endedRunStatuses } from '@/lib/runs/schemas'
import { wakeRuntimes } from '@/lib/tasks/wake'

/** Deletes a linked service that nothing uses any more; its credential leaves the nodes at their next poll. */
export const deleteLinkedService = command({
  permission: 'linkedServices.write',
  input: DeleteLinkedServiceInput,
  scope: (tx, { linkedServiceId }, actor) => linkedServiceScope(tx, actor, linkedServiceId),
  async run(tx, { linkedServiceId, confirmName }, actor) {
    const row = await requireLinkedService(tx, actor, linkedServiceId)
    requireTypedName(confirmName, row.name)
    await refuseWhileUsed(tx, row)
    await tx.delete(linkedServices).where(eq(linkedServices.id, linkedServiceId))
    await tx
      .update(runtimes)
      .set({ vaultVersion: sql`${runtimes.vaultVersion} + 1` })
      .where(eq(runtimes.id, row.runtimeId))
    return {
      result: { linkedServiceId },
      audit: {
        action: 'linkedService.deleted',
        factoryId: row.factoryId,
        entityId: linkedServiceId,
        entityName: row.name,
        before: { definition: row.definition, credentialVersion: row.credentialVersion },
      },
      after: () => wakeRuntimes([row.runtimeId]),
    }
  },
})

async function refuseWhileUsed(tx: Tx, { id, name }: { id: string; name: string }): Promise<void> {
  const users = await datasetsIn(tx, id)
  if (users.total > 0)
    throw conflict(
      `Cannot delete linked service "${name}": ${namesOf('dataset', users)} ${users.total === 1 ? 'uses' : 'use'} it. Delete ${users.total === 1 ? 'it' : 'them'} first`,
    )
  const running = await tx
    .selectDistinct({ name: pipelineRuns.pipelineName })
    .from(activityRuns)
    .innerJoin(pipelineRuns, eq(pipelineRuns.id, activityRuns.pipelineRunId))
    .where(
      and(
        notInArray(activityRuns.status, [...endedRunStatuses]),
        or(
          eq(sql`${activityRuns.spec} #>> '{source,store,linkedServiceId}'`, id),
          eq(sql`${activityRuns.spec} #>> '{sink,store,linkedServiceId}'`, id),
        ),
      ),
    )
  if (running.length > 0)
    throw conflict(
      `Cannot delete linked service "${name}": a run of ${namesOf('pipeline', { names: running.map((run) => run.name), total: running.length })} is using it. Wait for it, or cancel it`,
    )
}
