import type { ColumnMapping } from '../../../../lib/protocol/copy-plan.ts'
import { TaskFailure } from '../../failure.ts'

export type NamedPair = { source: string; sink: string; sinkType: string | undefined }

/**
 * Which source column goes into which sink column: the mapping's pairs, or without one by name (case matters only where it
 * must). `sinkNames` is null where the sink takes whatever names it is given: a new table, a file.
 */
export function pairNames(
  sourceNames: readonly string[],
  sinkNames: readonly string[] | null,
  mapping: readonly ColumnMapping[] | undefined,
): NamedPair[] {
  requireDistinct(sourceNames, 'The source')
  const wanted = mapping ?? sourceNames.map((name) => ({ source: name, sink: name, sinkType: undefined }))
  if (wanted.length === 0) throw new TaskFailure('schema_mismatch', 'The source has no columns to copy.')
  const pairs = wanted.map(({ source, sink, sinkType }) => ({
    source: findName(sourceNames, source, 'source'),
    sink: sinkNames ? findName(sinkNames, sink, 'sink') : sink,
    sinkType,
  }))
  requireDistinct(
    pairs.map(({ sink }) => sink),
    'The mapping',
  )
  return pairs
}

function findName(names: readonly string[], wanted: string, side: 'source' | 'sink'): string {
  if (names.includes(wanted)) return wanted
  const similar = names.filter((name) => name.toLowerCase() === wanted.toLowerCase())
  const [only, ...more] = similar
  if (only !== undefined && more.length === 0) return only
  const reason = more.length > 0 ? `more than one spelling in the ${side}` : `no counterpart in the ${side}`
  throw new TaskFailure('schema_mismatch', `Column “${wanted}” has ${reason}.`, { side })
}

function requireDistinct(names: readonly string[], where: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new TaskFailure('schema_mismatch', `${where} names column “${twice}” twice.`)
}
