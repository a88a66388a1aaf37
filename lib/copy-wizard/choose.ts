import { compressionOffers, sinkFormats, writeBehaviorOffers } from '@/lib/copy-wizard/combinations'
import { emptyDraft, type CopyDraft, type StoreTable, type WizardStore } from '@/lib/copy-wizard/draft'
import type { FileFormat } from '@/lib/protocol/copy-plan'

/** Choices whose consequences reach into other parts of the draft; each answers a new draft. */

/** Another store begins with nothing chosen in it. */
export function chooseSource(draft: CopyDraft, store: WizardStore): CopyDraft {
  if (draft.source.linkedService === store.name) return draft
  const kind = store.type === 'PostgreSql' ? 'tables' : 'files'
  const source = { ...emptyDraft().source, linkedService: store.name }
  return chooseKind({ ...draft, source, mappings: {}, keys: {} }, kind)
}

/** Tables are named by a pattern at the sink; a query or files have no name that it could use. */
export function chooseKind(draft: CopyDraft, kind: CopyDraft['source']['kind']): CopyDraft {
  const { sink } = draft
  const named = (pattern: string) => (kind === 'tables' ? pattern || '{table}' : withoutPattern(pattern))
  return fitFormat({
    ...draft,
    source: { ...draft.source, kind },
    sink: { ...sink, table: named(sink.table), folder: named(sink.folder) },
  })
}

/** Mappings of tables that are no longer copied go. */
export function chooseTables(draft: CopyDraft, tables: StoreTable[]): CopyDraft {
  return { ...draft, source: { ...draft.source, tables } }
}

export function chooseSourceFormat(draft: CopyDraft, format: FileFormat): CopyDraft {
  return fitFormat({ ...draft, source: { ...draft.source, format }, mappings: {}, keys: {} })
}

/** Files know no upsert, and each kind of store has its own compressions. */
export function chooseSink(draft: CopyDraft, store: WizardStore): CopyDraft {
  if (draft.sink.linkedService === store.name) return draft
  const offered = writeBehaviorOffers(store.type).find(({ value }) => value === draft.options.writeBehavior)
  return fitFormat({
    ...draft,
    sink: { ...draft.sink, linkedService: store.name },
    options: offered?.refusal ? { ...draft.options, writeBehavior: 'append' } : draft.options,
    mappings: {},
    keys: {},
  })
}

/** Each format begins with the compression that suits it best. */
export function chooseSinkFormat(draft: CopyDraft, format: FileFormat): CopyDraft {
  const compression = compressionOffers(format)[0]?.value ?? 'none'
  return { ...draft, sink: { ...draft.sink, format, compression } }
}

/** Where the sink's format can no longer be had, the first that can takes its place. */
function fitFormat(draft: CopyDraft): CopyDraft {
  const formats = sinkFormats(draft.source)
  const present = formats.find(({ value }) => value === draft.sink.format)
  if (present && !present.refusal) return draft
  const first = formats.find(({ refusal }) => refusal === null)
  return first ? chooseSinkFormat(draft, first.value) : draft
}

function withoutPattern(text: string): string {
  return text.replaceAll(/\/?\{(table|schema)\}/g, '')
}
