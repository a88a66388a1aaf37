import { command } from '@/lib/command'
import { storeRefOf } from '@/lib/interactive/enqueue'
import { askOne } from '@/lib/interactive/ask-one'
import { RequestBrowseInput } from '@/lib/linked-services/schemas'
import { linkedServiceScope, requireLinkedService } from '@/lib/linked-services/scope'

/** Asks any node for the schemas, tables, containers, folders or files at a place of the store. */
export const requestBrowse = command({
  permission: 'linkedServices.browse',
  input: RequestBrowseInput,
  scope: (tx, { linkedServiceId }, actor) => linkedServiceScope(tx, actor, linkedServiceId),
  async run(tx, { linkedServiceId, path, filter }, actor) {
    const store = await requireLinkedService(tx, actor, linkedServiceId)
    return await askOne(
      tx,
      { actor, store },
      {
        kind: 'browse',
        store: storeRefOf(store),
        path,
        ...(filter ? { filter } : {}),
      },
    )
  },
})
