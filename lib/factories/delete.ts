import { eq } from 'drizzle-orm'
import { datasets, linkedServices } from '@/drizzle/schema/authoring'
import { factories } from '@/drizzle/schema/factories'
import { pipelineRuns } from '@/drizzle/schema/runs'
import { runtimes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import { conflict, notFound, requireTypedName } from '@/lib/errors'
import { countContents } from '@/lib/factories/contents'
import { factoryScope } from '@/lib/factories/scope'
import { DeleteFactoryInput } from '@/lib/factories/schemas'
import { wakeRuntimes } from '@/lib/tasks/wake'

/**
 * Deletes a factory with everything in it; the audit log keeps its story. Refused while runs are under way: a copy that
 * loses its rows in the portal could neither publish nor clean up at its sink, so people cancel it first.
 */
export const deleteFactory = command({
  permission: 'factories.delete',
  input: DeleteFactoryInput,
  scope: (tx, { factoryId }, actor) => factoryScope(tx, actor, factoryId),
  async run(tx, { factoryId, confirmName }) {
    // The lock holds back new runs and runtimes, which refer to this row.
    const [factory] = await tx.select().from(factories).where(eq(factories.id, factoryId)).for('update')
    if (!factory) throw notFound('the factory', factoryId)
    requireTypedName(confirmName, factory.name)
    const contents = await countContents(tx, factoryId)
    if (contents.activeRuns > 0)
      throw conflict(
        `Cannot delete the factory "${factory.name}" while ${contents.activeRuns === 1 ? '1 run is' : `${contents.activeRuns} runs are`} in progress. Cancel them, or wait until they end`,
      )
    const ownRuntimes = await tx
      .select({ id: runtimes.id })
      .from(runtimes)
      .where(eq(runtimes.factoryId, factoryId))
    // What others refer to with RESTRICT goes last: runs, datasets, linked services, then the rest by cascade.
    await tx.delete(pipelineRuns).where(eq(pipelineRuns.factoryId, factoryId))
    await tx.delete(datasets).where(eq(datasets.factoryId, factoryId))
    await tx.delete(linkedServices).where(eq(linkedServices.factoryId, factoryId))
    await tx.delete(factories).where(eq(factories.id, factoryId))
    const { name, description, tags } = factory
    return {
      result: { id: factoryId, name },
      audit: {
        action: 'factory.deleted',
        factoryId,
        entityId: factoryId,
        entityName: name,
        before: { name, description, tags, contents },
      },
      // Its nodes hear at once that they are not known any more.
      after: () => wakeRuntimes(ownRuntimes.map(({ id }) => id)),
    }
  },
})
