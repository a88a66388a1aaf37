import { command } from '@/lib/command'
import { askOne } from '@/lib/interactive/ask-one'
import { storeRefOf } from '@/lib/interactive/enqueue'
import { RequestPreviewInput } from '@/lib/linked-services/schemas'
import { linkedServiceScope, requireLinkedService } from '@/lib/linked-services/scope'
import type { TaskSpec } from '@/lib/protocol/task'

type Item = Extract<TaskSpec, { kind: 'preview' }>['item']

/** Asks any node for the first rows, sealed for the one-time key of the asking browser. Who looked at what stays in the audit log. */
export const requestPreview = command({
  permission: 'linkedServices.preview',
  input: RequestPreviewInput,
  scope: (tx, { linkedServiceId }, actor) => linkedServiceScope(tx, actor, linkedServiceId),
  async run(tx, { linkedServiceId, ...request }, actor) {
    const store = await requireLinkedService(tx, actor, linkedServiceId)
    const spec = { kind: 'preview' as const, store: storeRefOf(store), ...request }
    return {
      ...(await askOne(tx, { actor, store }, spec)),
      audit: {
        action: 'linkedService.previewed',
        factoryId: store.factoryId,
        entityId: store.id,
        entityName: store.name,
        after: { rows: request.limit, of: describeItem(request.item) },
      },
    }
  },
})

function describeItem(item: Item): string {
  if (item.kind === 'table') return `table ${item.schema}.${item.table}`
  if (item.kind === 'file') return `file ${item.container ? `${item.container}/` : ''}${item.path}`
  return 'a query'
}
