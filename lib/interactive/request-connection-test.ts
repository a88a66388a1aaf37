import { and, asc, eq, isNull } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import { conflict } from '@/lib/errors'
import { enqueueInteractive, storeRefOf } from '@/lib/interactive/enqueue'
import { RequestConnectionTestInput } from '@/lib/linked-services/schemas'
import { linkedServiceScope, requireLinkedService } from '@/lib/linked-services/scope'
import { wake } from '@/lib/tasks/wake'

export type NodeTest = { nodeId: string; nodeName: string; taskId: string }

/** Asks every node of the runtime to connect, because each stands in its own network. */
export const requestConnectionTest = command({
  permission: 'linkedServices.test',
  input: RequestConnectionTestInput,
  scope: (tx, { linkedServiceId }, actor) => linkedServiceScope(tx, actor, linkedServiceId),
  async run(tx, { linkedServiceId }, actor) {
    const store = await requireLinkedService(tx, actor, linkedServiceId)
    const asked = await tx
      .select({ id: nodes.id, name: nodes.displayName })
      .from(nodes)
      .where(and(eq(nodes.runtimeId, store.runtimeId), isNull(nodes.removedAt)))
      .orderBy(asc(nodes.displayName))
    if (asked.length === 0)
      throw conflict('The integration runtime has no node that could test the connection. Register one first')
    const spec = { kind: 'testConnection' as const, store: storeRefOf(store) }
    const taskIds = await enqueueInteractive(
      tx,
      { actor, store },
      asked.map(({ id }) => ({ spec, onlyNodeId: id })),
    )
    const tests: NodeTest[] = asked.flatMap(({ id, name }, index) => {
      const taskId = taskIds[index]
      return taskId ? [{ nodeId: id, nodeName: name, taskId }] : []
    })
    return {
      result: { tests },
      audit: {
        action: 'linkedService.tested',
        factoryId: store.factoryId,
        entityId: store.id,
        entityName: store.name,
        after: { nodes: asked.map(({ name }) => name) },
      },
      after: () => wake([{ runtimeId: store.runtimeId, for: 'nodes', nodeIds: asked.map(({ id }) => id) }]),
    }
  },
})
