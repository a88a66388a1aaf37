import type { CsvOptions } from './csv-options.ts'

export type Dialect = Pick<CsvOptions, 'delimiter' | 'quote'> & {
  /** Fields per record. */
  columns: number
}
const [lineFeed, carriageReturn] = [0x0a, 0x0d]

/**
 * Where a record begins in a piece out of the middle of a CSV file, or null where the piece does not tell. Whether it begins
 * inside of quotes decides it (a line end there is part of a value): both are tried, and the one counts with which every quote
 * stands at the edge of a field and every record has its fields. A guess: who reads up to there sees whether it was right.
 */
export function findRecordStart(piece: Uint8Array, dialect: Dialect): number | null {
  const [outside, inside] = [tryFrom(piece, dialect, false), tryFrom(piece, dialect, true)]
  if (outside && inside) return outside.records > 0 && inside.records === 0 ? outside.start : null
  const only = outside ?? inside
  return only && only.records > 0 ? only.start : null
}

type Found = { start: number; records: number }

/** Null where the text cannot be what such a beginning makes of it. */
function tryFrom(piece: Uint8Array, dialect: Dialect, isInside: boolean): Found | null {
  const [delimiter, quote] = [dialect.delimiter.charCodeAt(0), dialect.quote.charCodeAt(0)]
  const isEdge = (at: number) => {
    const byte = piece[at]
    return byte === undefined || byte === delimiter || byte === lineFeed || byte === carriageReturn
  }
  let inQuotes = isInside
  let [start, records, fields, recordAt] = [-1, 0, 1, 0]
  for (let at = 0; at < piece.length; at += 1) {
    const byte = piece[at]
    if (byte === quote) {
      if (inQuotes && piece[at + 1] === quote) at += 1
      else if (!isEdge(inQuotes ? at + 1 : at - 1)) return null
      else inQuotes = !inQuotes
    } else if (inQuotes) continue
    else if (byte === delimiter) fields += 1
    else if (byte === lineFeed) {
      const isBlank = at === recordAt || (at === recordAt + 1 && piece[recordAt] === carriageReturn)
      const isRecord = start >= 0 && !isBlank
      if (isRecord && fields !== dialect.columns) return null
      records += Number(isRecord)
      if (start < 0) start = at + 1
      fields = 1
      recordAt = at + 1
    }
  }
  return { start, records }
}
