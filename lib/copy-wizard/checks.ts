import { sinkFormats, sinkRefusal, writeBehaviorOffers } from '@/lib/copy-wizard/combinations'
import {
  isBinaryCopy,
  isUnfilled,
  type PlannedCopy,
  plannedCopies,
  storesOf,
  trimSlashes,
} from '@/lib/copy-wizard/copies'
import type { CopyDraft, WizardStep, WizardStore } from '@/lib/copy-wizard/draft'
import type { MappingFacts } from '@/lib/copy-wizard/mapping'
import { pipelineNameOf } from '@/lib/copy-wizard/names'
import { csvDialectProblems } from '@/lib/protocol/csv-dialect'
import { fitsIdentifier, maxIdentifierBytes } from '@/lib/protocol/pg-type'
import { resourceNameProblem } from '@/lib/protocol/resource-name'

/** What still stands between the draft and a run; `field` is where to say it. */
export type DraftProblem = { step: WizardStep; field: string; message: string }
export type DraftFacts = {
  stores: readonly WizardStore[]
  /** A pipeline has the name of this one; false where nobody knows yet. */
  isNameTaken: boolean
  lines: MappingFacts
}
type Found = { draft: CopyDraft; facts: DraftFacts; copies: PlannedCopy[] } & ReturnType<typeof storesOf>

/** Data Factory allows 80 activities in a pipeline (adf-and-shir.md, limits). */
export const maxCopies = 80
/** As lib/datasets/schemas.ts and lib/pipelines/schemas.ts refuse them later. */
const maxQuery = 100_000
const maxFilePrefix = 200
/** Azure's rules for container names. */
const containerPattern = /^(?:\$root|\$web|[a-z0-9](?:-?[a-z0-9]){2,62})$/

export function draftProblems(draft: CopyDraft, facts: DraftFacts): DraftProblem[] {
  const stores = storesOf(draft, facts.stores)
  const found = { draft, facts, ...stores, copies: plannedCopies(draft, stores) }
  return [
    ...sourceProblems(found),
    ...sinkProblems(found),
    ...mappingProblems(found),
    ...optionProblems(found),
    ...nameProblems(found),
  ]
}

function sourceProblems({ draft: { source }, source: store }: Found): DraftProblem[] {
  const at = problemsAt('source')
  if (!store) return [at('source.linkedService', missingStore(source.linkedService, 'from'))]
  if (source.kind === 'tables') {
    if (source.tables.length === 0) return [at('source.tables', 'Choose at least one table')]
    const tooMany = source.tables.length > maxCopies
    return tooMany ? [at('source.tables', `Choose at most ${maxCopies} tables: each is an activity`)] : []
  }
  if (source.kind === 'query') {
    if (!source.query.trim()) return [at('source.query', 'Enter the query whose rows are copied')]
    const isLong = source.query.length > maxQuery
    return isLong ? [at('source.query', 'Use at most 100,000 characters')] : []
  }
  return [
    ...(store.type === 'AzureBlobStorage'
      ? containerProblem(source.container).map((text) => at('source.container', text))
      : []),
    ...(/[/\\]/.test(source.fileName) ? [at('source.fileName', 'Put folders into the folder field')] : []),
    ...(source.format === 'csv'
      ? csvDialectProblems(source.csv).map(([field, text]) => at(`source.csv.${field}`, text))
      : []),
  ]
}

function sinkProblems(found: Found): DraftProblem[] {
  const { draft, source, sink: store } = found
  const at = problemsAt('sink')
  if (!store) return [at('sink.linkedService', missingStore(draft.sink.linkedService, 'to'))]
  const refusal = sinkRefusal({ store: source, ...draft.source }, store)
  if (refusal) return [at('sink.linkedService', refusal)]
  return store.type === 'PostgreSql' ? tableProblems(found) : fileProblems(found, store)
}

function tableProblems({ draft, source, sink, copies }: Found): DraftProblem[] {
  const at = problemsAt('sink')
  if (!draft.sink.schema.trim()) return [at('sink.schema', 'Enter the schema')]
  if (!draft.sink.table.trim()) return [at('sink.table', 'Enter the table')]
  const names = copies.map((copy) => (copy.sink.kind === 'table' ? copy.sink.table : ''))
  if (isUnfilled(draft.sink.table, draft)) {
    const several = draft.source.kind === 'tables'
    return [
      at('sink.table', several ? 'Only {table} and {schema} are replaced' : 'Enter the name of the table'),
    ]
  }
  const long = names.find((name) => !fitsIdentifier(name))
  if (long) return [at('sink.table', `"${long}" is longer than PostgreSQL's ${maxIdentifierBytes} bytes`)]
  const twice = firstDouble(names)
  if (twice) {
    const hasName = draft.sink.table.includes('{table}')
    const remedy = hasName
      ? 'Add {schema}_ before {table}'
      : 'Put {table} into it, for the name at the source'
    return [at('sink.table', `Two tables would go to "${twice}". ${remedy}`)]
  }
  const same = source?.id === sink?.id ? copies.find(isOntoItself) : undefined
  return same
    ? [at('sink.table', `${same.label} would be copied onto itself. Choose another name or schema`)]
    : []
}

function isOntoItself({ source, sink }: PlannedCopy): boolean {
  if (source.kind !== 'table' || sink.kind !== 'table') return false
  return source.table.schema === sink.schema && source.table.table === sink.table
}

function fileProblems({ draft, source, copies }: Found, store: WizardStore): DraftProblem[] {
  const at = problemsAt('sink')
  const problems: DraftProblem[] = []
  if (store.type === 'AzureBlobStorage')
    problems.push(...containerProblem(draft.sink.container).map((text) => at('sink.container', text)))
  const format = sinkFormats(draft.source).find(({ value }) => value === draft.sink.format)
  if (!isBinaryCopy(draft) && format?.refusal) problems.push(at('sink.format', format.refusal))
  if (!isBinaryCopy(draft) && !/^[^/\\*?]+$/.test(draft.sink.fileName.trim()))
    problems.push(at('sink.fileName', 'Enter the beginning of the file names, without slashes'))
  if (draft.sink.fileName.trim().length > maxFilePrefix)
    problems.push(at('sink.fileName', `Use at most ${maxFilePrefix} characters`))
  if (draft.sink.format === 'csv' && !isBinaryCopy(draft))
    problems.push(...csvDialectProblems(draft.sink.csv).map(([field, text]) => at(`sink.csv.${field}`, text)))
  return [...problems, ...folderProblems(draft, copies, source?.id === store.id)]
}

function folderProblems(draft: CopyDraft, copies: PlannedCopy[], sameStore: boolean): DraftProblem[] {
  const at = problemsAt('sink')
  const folders = copies.map((copy) => (copy.sink.kind === 'files' ? trimSlashes(copy.sink.folder) : ''))
  if (isUnfilled(draft.sink.folder, draft)) {
    const several = draft.source.kind === 'tables'
    return [
      at(
        'sink.folder',
        several ? 'Only {table} and {schema} are replaced' : 'Enter a folder, or leave it empty',
      ),
    ]
  }
  if (folders.some((folder) => folder.split('/').includes('..')))
    return [at('sink.folder', 'A folder cannot lead out of its container')]
  if (firstDouble(folders) !== undefined)
    return [at('sink.folder', 'Two tables would go into one folder. Use {table}, or {schema}/{table}')]
  const onto =
    sameStore &&
    isBinaryCopy(draft) &&
    draft.source.container.trim() === draft.sink.container.trim() &&
    trimSlashes(draft.source.folder) === folders[0]
  return onto ? [at('sink.folder', 'The files would be copied onto themselves. Choose another folder')] : []
}

function mappingProblems({ draft, facts, copies }: Found): DraftProblem[] {
  if (isBinaryCopy(draft)) return []
  const at = problemsAt('mapping')
  return copies.flatMap(({ key, label }) => {
    const lines = facts.lines[key]
    if (!lines) return []
    if (lines.length === 0) return [at(`mappings.${key}`, `${label} has no columns to copy`)]
    if (lines.every(({ include }) => !include))
      return [at(`mappings.${key}`, `Every column of ${label} is left out`)]
    const bad = lines.find(({ problem }) => problem !== null)
    return bad?.problem ? [at(`mappings.${key}`, `${label}, column "${bad.source}": ${bad.problem}`)] : []
  })
}

function optionProblems({ draft, facts, sink, copies }: Found): DraftProblem[] {
  const at = problemsAt('options')
  const { writeBehavior, parallelCopies } = draft.options
  const problems: DraftProblem[] = []
  const refusal = sink && writeBehaviorOffers(sink.type).find(({ value }) => value === writeBehavior)?.refusal
  if (refusal) problems.push(at('options.writeBehavior', refusal))
  const parallel = Number(parallelCopies)
  if (parallelCopies.trim() && !(Number.isInteger(parallel) && parallel >= 1 && parallel <= 256))
    problems.push(at('options.parallelCopies', 'Use a whole number from 1 to 256, or leave it empty'))
  if (writeBehavior !== 'upsert' || refusal) return problems
  return [...problems, ...copies.flatMap((copy) => keyProblems(copy, draft.keys[copy.key] ?? [], facts))]
}

function keyProblems(
  { key, label }: PlannedCopy,
  keys: readonly string[],
  facts: DraftFacts,
): DraftProblem[] {
  const at = problemsAt('options')
  if (keys.length === 0) return [at(`keys.${key}`, `Choose the key columns of ${label}`)]
  const lines = facts.lines[key]
  const lost = lines && keys.find((name) => !lines.some((line) => line.include && line.sink.trim() === name))
  return lost ? [at(`keys.${key}`, `The key "${lost}" of ${label} is not copied`)] : []
}

function nameProblems({ draft, facts, source, sink }: Found): DraftProblem[] {
  const at = problemsAt('review')
  const name = pipelineNameOf(draft, { source, sink })
  const problem = resourceNameProblem(name)
  if (problem) return [at('name', problem)]
  return facts.isNameTaken ? [at('name', `A pipeline "${name}" exists already. Choose another name`)] : []
}

function problemsAt(step: WizardStep) {
  return (field: string, message: string): DraftProblem => ({ step, field, message })
}

function missingStore(name: string, direction: 'from' | 'to'): string {
  return name ? `The linked service "${name}" does not exist any more` : `Choose where to copy ${direction}`
}

function containerProblem(container: string): string[] {
  if (!container.trim()) return ['Enter the container']
  const fits = containerPattern.test(container.trim())
  return fits ? [] : ['Use 3 to 63 lower-case letters, digits and single hyphens']
}

function firstDouble(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index)
}
