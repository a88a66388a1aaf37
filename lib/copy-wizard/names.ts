import { type DraftStores, filesLabel, type PlannedCopy } from '@/lib/copy-wizard/copies'
import type { CopyDraft } from '@/lib/copy-wizard/draft'

/** Data Factory's limits for names of resources and of activities (adf-and-shir.md, sections 1.2 and 2). */
const maxResourceName = 63
const maxActivityName = 55

/** The typed name, or the proposed one. */
export function pipelineNameOf(draft: CopyDraft, stores: DraftStores): string {
  return draft.name.trim() || proposedPipelineName(draft, stores)
}

/** The pipeline's name until somebody types one: `copy-flights-to-lake`. */
function proposedPipelineName(draft: CopyDraft, { source, sink }: DraftStores): string {
  const { tables } = draft.source
  const [only] = tables
  const what =
    draft.source.kind === 'tables'
      ? tables.length === 1 && only
        ? only.table
        : `${source?.name ?? 'tables'}-${tables.length}-tables`
      : draft.source.kind === 'query'
        ? `${source?.name ?? 'query'}-query`
        : filesLabel(draft.source)
  return resourceName(`copy-${what}-to-${sink?.name ?? 'sink'}`, '')
}

/** A legal name out of any text, with its end kept: letters, digits, single hyphens, 3 to 63 characters. */
export function resourceName(text: string, ending: string): string {
  const plain = slug(text).slice(0, maxResourceName - ending.length)
  const name = `${plain.replaceAll(/^-+|-+$/g, '') || 'copy'}${ending}`
  return name.length < 3 ? `${name}-copy` : name
}

/** How the names of everything begin that is made with a pipeline of this name; endings and numbers need the rest. */
export function beginningOf(pipelineName: string): string {
  return slug(pipelineName).slice(0, 40)
}

/** Names that nobody has yet, in the order of the asked ones; a number tells the doubled apart. */
export function uniqueNames(
  asked: readonly { text: string; ending: string }[],
  taken: readonly string[],
): string[] {
  const used = new Set(taken.map((name) => name.toLowerCase()))
  return asked.map(({ text, ending }) => {
    let name = resourceName(text, ending)
    for (let number = 2; used.has(name.toLowerCase()); number += 1)
      name = resourceName(text, `${ending}-${number}`)
    used.add(name.toLowerCase())
    return name
  })
}

/** `Copy public.orders`; activities of one pipeline must differ. */
export function activityNames(copies: readonly PlannedCopy[]): string[] {
  const used = new Set<string>()
  return copies.map(({ label }) => {
    const full = `Copy ${label}`
    let name = full.slice(0, maxActivityName).trim()
    for (let number = 2; used.has(name.toLowerCase()); number += 1) {
      const ending = ` ${number}`
      name = full.slice(0, maxActivityName - ending.length).trim() + ending
    }
    used.add(name.toLowerCase())
    return name
  })
}

function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}
