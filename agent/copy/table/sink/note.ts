export type Note = Readonly<Record<string, unknown>>

/**
 * A note as the JSON that the sink keeps, in ASCII: a database of another encoding than UTF-8 refuses the dashes and quotes of a
 * plan's texts, within `jsonb` even where they are escaped.
 */
export function packNote(note: Note): string {
  return JSON.stringify(Object.fromEntries(Object.entries(note).map(([key, value]) => [key, pack(value)])))
}

/** What `packNote` was given; also what was kept before it made ASCII of everything. */
export function unpackNote(packed: unknown): unknown {
  if (!(packed instanceof Object)) return packed
  return Object.fromEntries(Object.entries(packed).map(([key, value]) => [key, unpack(value)]))
}

const beyondAscii = /[\u0080-\uffff]/g

function pack(value: unknown): unknown {
  const json = JSON.stringify(value)
  if (json.search(beyondAscii) < 0) return value
  return {
    ascii: json.replaceAll(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  }
}

function unpack(value: unknown): unknown {
  return value instanceof Object && 'ascii' in value && typeof value.ascii === 'string'
    ? JSON.parse(value.ascii)
    : value
}
