import { eq } from 'drizzle-orm'
import { factories } from '@/drizzle/schema/factories'
import { command } from '@/lib/command'
import { factoryScope } from '@/lib/factories/scope'
import { UpdateFactoryInput } from '@/lib/factories/schemas'
import { notFound } from '@/lib/errors'

/** Description and tags. The name stays: keys, links and paths carry it. */
export const updateFactory = command({
  permission: 'factories.write',
  input: UpdateFactoryInput,
  scope: (tx, { factoryId }, actor) => factoryScope(tx, actor, factoryId),
  async run(tx, { factoryId, description, tags }) {
    const [before] = await tx.select().from(factories).where(eq(factories.id, factoryId)).for('update')
    if (!before) throw notFound('the factory', factoryId)
    await tx
      .update(factories)
      .set({ description, tags, updatedAt: new Date() })
      .where(eq(factories.id, factoryId))
    return {
      result: { id: factoryId, name: before.name },
      audit: {
        action: 'factory.updated',
        factoryId,
        entityId: factoryId,
        entityName: before.name,
        before: { description: before.description, tags: before.tags },
        after: { description, tags },
      },
    }
  },
})
