import { parsePgType, type PgType } from '../../../../lib/protocol/pg-type.ts'

const integers: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint'])
const texts: ReadonlySet<string> = new Set(['text', 'character varying'])

/**
 * In which type the values of a file column travel to a sink column: its own where both have the same binary form, or one that
 * the decoder can make of it without loss. Otherwise they are staged in their natural type, and the sink's server casts.
 */
export function emittedType(natural: string, sinkType: string): { type: string; isStaged: boolean } {
  const [from, to] = [parsePgType(natural), parsePgType(sinkType)]
  if (from.isArray !== to.isArray) return { type: natural, isStaged: true }
  if (!from.isArray && integers.has(from.base) && integers.has(to.base))
    return { type: sinkType, isStaged: false }
  // The receive function of varchar(n) refuses what is too long; that of json checks the text and keeps it.
  if (texts.has(from.base) && (texts.has(to.base) || (to.base === 'json' && !from.isArray)))
    return { type: natural, isStaged: false }
  return { type: natural, isStaged: !isHeldAsIs(from, to) }
}

function isHeldAsIs(from: PgType, to: PgType): boolean {
  if (from.base !== to.base) return false
  const isSame = from.modifiers.join() === to.modifiers.join()
  return isSame || (to.modifiers.length === 0 && from.base !== 'character')
}
