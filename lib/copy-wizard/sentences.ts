import { formatNames, verificationOffers, writeBehaviorOffers } from '@/lib/copy-wizard/combinations'
import {
  filesLabel,
  isBinaryCopy,
  type PlannedCopy,
  plannedCopies,
  trimSlashes,
} from '@/lib/copy-wizard/copies'
import type { CopyDraft, MappingRow, WizardStore } from '@/lib/copy-wizard/draft'
import { type MappingFacts, mappingRows, toColumnMapping } from '@/lib/copy-wizard/mapping'

type Stores = { source: WizardStore | undefined; sink: WizardStore | undefined }

/** The review in words: what will happen, one sentence per decision. */
export function reviewSentences(draft: CopyDraft, stores: Stores, facts: MappingFacts): string[] {
  const copies = plannedCopies(draft, stores)
  return [
    `Copies ${sourceWords(draft)} of ${stores.source?.name ?? '…'} to ${sinkWords(draft, stores.sink, copies)}.`,
    behaviorSentence(draft, stores.sink),
    mappingSentence(draft, copies, facts),
    verificationSentence(draft),
    parallelSentence(draft, stores.source),
  ].filter((sentence) => sentence !== '')
}

/** `3 tables`, `the rows of a query`, `CSV files in/*.csv`. */
export function sourceWords({ source }: CopyDraft): string {
  if (source.kind === 'query') return 'the rows of a query'
  if (source.kind === 'files') return `${formatNames[source.format]} files ${filesLabel(source)}`
  const [only] = source.tables
  return source.tables.length === 1 && only
    ? `the table ${only.schema}.${only.table}`
    : `${source.tables.length} tables`
}

export function sinkWords(draft: CopyDraft, sink: WizardStore | undefined, copies: PlannedCopy[]): string {
  const name = sink?.name ?? '…'
  const [only] = copies
  if (sink?.type === 'PostgreSql') {
    if (copies.length === 1 && only?.sink.kind === 'table')
      return `the table ${only.sink.schema}.${only.sink.table} of ${name}`
    return `tables of ${name} in the schema ${draft.sink.schema}, named ${draft.sink.table}`
  }
  const folder = trimSlashes(
    copies.length === 1 && only?.sink.kind === 'files' ? only.sink.folder : draft.sink.folder,
  )
  const place = [name, draft.sink.container, folder].filter(Boolean).join('/')
  if (isBinaryCopy(draft)) return `${place}, unchanged`
  const { format, compression } = draft.sink
  return `${place} as ${formatNames[format]}${compression === 'none' ? '' : `, compressed with ${compression}`}`
}

function behaviorSentence(draft: CopyDraft, sink: WizardStore | undefined): string {
  const offer = writeBehaviorOffers(sink?.type ?? 'PostgreSql').find(
    ({ value }) => value === draft.options.writeBehavior,
  )
  const creates = sink?.type === 'PostgreSql' && draft.sink.createTable
  return `${offer?.label}: ${lowerFirst(offer?.hint ?? '')}.${creates ? ' A table that is missing is made.' : ''}`
}

function mappingSentence(draft: CopyDraft, copies: PlannedCopy[], facts: MappingFacts): string {
  if (isBinaryCopy(draft)) return ''
  const changes = copies.flatMap(({ key, label }) => {
    const change = mappingChange(mappingRows(draft, facts, key))
    return change ? [`Of ${label}, ${change}.`] : []
  })
  if (changes.length === copies.length) return changes.join(' ')
  const others = changes.length > 0 ? 'Every other column' : 'Every column'
  return [...changes, `${others} goes by its name, with its natural type.`].join(' ')
}

function mappingChange(rows: readonly MappingRow[]): string | null {
  if (toColumnMapping(rows) === null) return null
  const kept = rows.filter(({ include }) => include)
  const changed = kept.filter(({ source, sink, sinkType }) => source !== sink || sinkType !== '').length
  const out = rows.length - kept.length
  return [
    `${kept.length} of ${rows.length} columns ${kept.length === 1 ? 'is' : 'are'} copied`,
    ...(changed > 0 ? [`${changed} under another name or type`] : []),
    ...(out > 0 ? [`${out} left out`] : []),
  ].join(', ')
}

function verificationSentence({ options }: CopyDraft): string {
  const offer = verificationOffers.find(({ value }) => value === options.verification)
  return `Verification ${options.verification}: ${lowerFirst(offer?.hint ?? '')}`
}

function parallelSentence({ options }: CopyDraft, source: WizardStore | undefined): string {
  const where = source ? ` of ${source.runtimeName}` : ''
  return options.parallelCopies.trim()
    ? `At most ${options.parallelCopies.trim()} parts at once per copy, on the nodes${where}.`
    : `As many parts at once as the nodes${where} have free slots.`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
