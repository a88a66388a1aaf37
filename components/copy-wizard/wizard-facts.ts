import type { CopyMapping } from '@/components/copy-wizard/use-mappings'
import type { MappingFacts } from '@/lib/copy-wizard/mapping'

/** The mappings whose columns were read, as the draft's checks and definitions want them. */
export function linesOf(mappings: Readonly<Record<string, CopyMapping>>): MappingFacts {
  return Object.fromEntries(
    Object.entries(mappings).flatMap(([key, { known }]) => (known ? [[key, known.lines]] : [])),
  )
}

/** The keys that upserts propose. */
export function keysOf(mappings: Readonly<Record<string, CopyMapping>>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(mappings).flatMap(([key, { known }]) => (known ? [[key, known.keys]] : [])),
  )
}
