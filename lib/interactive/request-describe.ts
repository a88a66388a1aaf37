import { command } from '@/lib/command'
import { askOne } from '@/lib/interactive/ask-one'
import { storeRefOf } from '@/lib/interactive/enqueue'
import { RequestDescribeInput } from '@/lib/linked-services/schemas'
import { linkedServiceScope, requireLinkedService } from '@/lib/linked-services/scope'

/** Asks any node for the columns of a table, a query or a file. */
export const requestDescribe = command({
  permission: 'linkedServices.browse',
  input: RequestDescribeInput,
  scope: (tx, { linkedServiceId }, actor) => linkedServiceScope(tx, actor, linkedServiceId),
  async run(tx, { linkedServiceId, item }, actor) {
    const store = await requireLinkedService(tx, actor, linkedServiceId)
    return await askOne(tx, { actor, store }, { kind: 'describe', store: storeRefOf(store), item })
  },
})
