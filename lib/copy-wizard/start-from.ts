import { chooseSource } from '@/lib/copy-wizard/choose'
import { type CopyDraft, emptyDraft, findStore, type WizardStore } from '@/lib/copy-wizard/draft'

/** What another page wants to be copied: a store, or a table of it. */
export type StartingPoint = {
  linkedService?: string | undefined
  schema?: string | undefined
  table?: string | undefined
}

/** The draft to begin with: what was kept, unless another page asked for something that it does not copy. */
export function startFrom(
  kept: CopyDraft,
  { linkedService, schema, table }: StartingPoint,
  stores: readonly WizardStore[],
): CopyDraft {
  const store = linkedService ? findStore(stores, linkedService) : undefined
  if (!store) return kept
  const asked = schema !== undefined && table !== undefined ? { schema, table } : null
  const copiesIt =
    kept.source.linkedService === store.name &&
    (asked === null || kept.source.tables.some((one) => one.schema === schema && one.table === table))
  if (copiesIt) return kept
  const draft = chooseSource(emptyDraft(), store)
  if (asked === null || store.type !== 'PostgreSql') return draft
  return { ...draft, source: { ...draft.source, kind: 'tables', tables: [asked] } }
}
