import { z } from 'zod'
import type { FileReader } from '../../connectors/connector.ts'
import { typeOids } from '../../connectors/postgresql/pg-types.ts'
import type { PgColumn } from '../../copy/rows.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { readHead } from '../text/read-head.ts'

const Kind = z.enum(['numeric', 'boolean', 'text', 'jsonb'])
type Kind = z.infer<typeof Kind>

export type JsonlHead = {
  columns: PgColumn[]
  /** Names of columns that hold nothing but null. */
  undecided: string[]
  /** As many of the first ones as were asked for. */
  lines: string[]
  isBlank: boolean
  /** There are no other lines than those that were looked at. */
  isWhole: boolean
}

/** The keys of a file's first lines in the order they appear, each with the type that holds all its values there exactly. */
export async function readJsonlHead(reader: FileReader, lineLimit = 0): Promise<JsonlHead> {
  const { text, isWhole } = await readHead(reader)
  const lines = text.split('\n')
  if (!isWhole) lines.pop()
  const objects = lines.filter((line) => line.trim() !== '')
  const isBlank = objects.length === 0
  if (isBlank && !isWhole)
    throw new TaskFailure(
      'invalid_data',
      `File “${reader.entry.path}”: its first line does not end within 1 MiB.`,
      {
        side: 'source',
      },
    )
  const kinds = new Map<string, Kind | null>()
  for (const line of objects) {
    for (const [key, value] of Object.entries(parseObject(line, reader.entry.path))) {
      const [known, seen] = [kinds.get(key) ?? null, kindOf(value)]
      kinds.set(key, known === null || seen === null || known === seen ? (seen ?? known) : wider(known, seen))
    }
  }
  const columns = [...kinds].map(([name, kind]) => columnOf(name, kind ?? 'text'))
  const undecided = [...kinds].flatMap(([name, kind]) => (kind === null ? name : []))
  return { columns, undecided, lines: objects.slice(0, lineLimit), isBlank, isWhole }
}

/** What holds all values of a column that several files hold in different types. */
export function widestColumn(columns: readonly PgColumn[]): PgColumn {
  return columns.reduce((widest, { name, type }) =>
    widest.type === type ? widest : columnOf(name, wider(Kind.parse(widest.type), Kind.parse(type))),
  )
}

function columnOf(name: string, type: Kind): PgColumn {
  const oids = {
    numeric: typeOids.numeric,
    boolean: typeOids.bool,
    text: typeOids.text,
    jsonb: typeOids.jsonb,
  }
  return { name, typeOid: oids[type], typmod: -1, type, nullable: true }
}

function wider(left: Kind, right: Kind): Kind {
  return left === 'jsonb' || right === 'jsonb' ? 'jsonb' : 'text'
}

function kindOf(value: unknown): Kind | null {
  if (value === null) return null
  if (typeof value === 'number') return 'numeric'
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'string' ? 'text' : 'jsonb'
}

function parseObject(line: string, path: string): object {
  try {
    const value: unknown = JSON.parse(line)
    if (value instanceof Object && !Array.isArray(value)) return value
  } catch {
    // said below, without the line
  }
  throw new TaskFailure(
    'invalid_data',
    `File “${path}”: a line at its beginning is not one JSON object. JSON lines hold one object per line, without an array around them.`,
    { side: 'source' },
  )
}
