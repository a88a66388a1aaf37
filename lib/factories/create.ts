import { factories } from '@/drizzle/schema/factories'
import { command } from '@/lib/command'
import { CreateFactoryInput } from '@/lib/factories/schemas'

export const createFactory = command({
  permission: 'factories.create',
  input: CreateFactoryInput,
  scope: (_tx, _input, { tenantId }) => ({ tenantId }),
  async run(tx, input, actor) {
    const id = crypto.randomUUID()
    const createdBy = actor.kind === 'user' ? actor.userId : null
    await tx.insert(factories).values({ id, tenantId: actor.tenantId, createdBy, ...input })
    return {
      result: { id, name: input.name },
      audit: { action: 'factory.created', factoryId: id, entityId: id, entityName: input.name, after: input },
    }
  },
})
