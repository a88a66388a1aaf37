import { z } from 'zod'
import { type CopyPart, CopyPart as CopyPartSchema } from '../../../../lib/protocol/copy-plan.ts'
import { fromRelation, type Relation } from '../../../connectors/postgresql/relations.ts'
import { quoteTable, showTable, type TableName } from '../../../connectors/postgresql/quote.ts'
import type { PgSession } from '../../../connectors/postgresql/session.ts'

/** A table that is read by blocks: its quoted name, and the file that holds its rows (`oid/filenode`). */
export const Heap = z.object({ name: z.string(), file: z.string() })
export type Heap = z.infer<typeof Heap>

/** A FROM item, whole or by heap blocks: from `first` up to but without `end`; the last range of a table has no end. */
const BlockRange = z.object({
  from: z.string(),
  first: z.number().int().nonnegative().nullable(),
  end: z.number().int().nonnegative().nullable(),
  /** Size at planning time; bounds the number of chunks of a range without end. */
  blocks: z.number().int().nonnegative(),
  chunkBlocks: z.number().int().positive(),
  /** Null where nothing depends on where the rows lie. */
  heap: Heap.nullable().default(null),
})
export type BlockRange = z.infer<typeof BlockRange>
export const TablePartEngine = z.object({ ranges: z.array(BlockRange).min(1) })
export type TablePartEngine = z.infer<typeof TablePartEngine>

/** A committed step of a part: large enough that its commit costs nothing, small enough that a crash repeats little. */
const chunkBytes = 128 << 20
/** Smaller parts are not worth a task of their own. */
export const smallPartBytes = 16 << 20
/** Larger ones balance badly over nodes. */
const largePartBytes = 256 << 20
/** Enough for two nodes with two slots each, where the pipeline does not say. */
const defaultParallel = 4

type Leaf = {
  name: TableName
  kind: string
  isHeap: boolean
  /** Null for what has no file of its own here. */
  file: string | null
  blocks: number
  bytes: number
  rows: number
  mayRead: boolean
}

/** The parts of a table by physical ranges, so that each block is read once and a part can resume between two chunks. */
export async function splitTable(
  session: PgSession,
  relation: Relation,
  options: { parallel: number | undefined; chunked: boolean },
): Promise<CopyPart[]> {
  const leaves = await readableLeaves(session, relation)
  if (!leaves) return [wholePart(fromRelation(relation), showTable(relation.name), relation.estimatedRows)]
  const bytes = leaves.reduce((sum, leaf) => sum + leaf.bytes, 0)
  const blocks = leaves.reduce((sum, leaf) => sum + leaf.blocks, 0)
  const perPart = Math.max(1, Math.ceil(blocks / partCount(bytes, options.parallel)))
  const groups = packRanges(
    leaves.flatMap((leaf) => leafRanges(leaf, perPart, options.chunked)),
    perPart,
  )
  return groups.map((group, index) => {
    const ranges = group.map(({ range }) => range)
    return CopyPartSchema.parse({
      index,
      label: labelOf(group),
      estimatedRows: String(Math.round(group.reduce((sum, { rows }) => sum + rows, 0))),
      estimatedBytes: String(Math.round(group.reduce((sum, each) => sum + each.bytes, 0))),
      engine: { ranges },
    })
  })
}

/** A source that has no physical order of its own: a view, a query, a foreign table. */
export function wholePart(from: string, label: string, estimatedRows?: bigint): CopyPart {
  const range: BlockRange = { from, first: null, end: null, blocks: 0, chunkBlocks: 1, heap: null }
  return {
    index: 0,
    label: label.slice(0, 500),
    ...(estimatedRows !== undefined && estimatedRows > 0n && { estimatedRows: String(estimatedRows) }),
    engine: { ranges: [range] },
  }
}

export function partCount(bytes: number, parallel: number | undefined): number {
  if (parallel === 1) return 1
  const wanted = Math.min(parallel ?? defaultParallel, Math.ceil(bytes / smallPartBytes))
  return Math.max(1, wanted, Math.min(1000, Math.ceil(bytes / largePartBytes)))
}

type SizedRange = { range: BlockRange; rows: number; bytes: number; name: TableName }

function leafRanges(leaf: Leaf, perPart: number, chunked: boolean): SizedRange[] {
  const from = `ONLY ${quoteTable(leaf.name)}`
  if (leaf.kind === 'f') {
    const { blocks } = leaf
    const range = { from: quoteTable(leaf.name), first: null, end: null, blocks, chunkBlocks: 1, heap: null }
    return [{ range, rows: leaf.rows, bytes: leaf.bytes, name: leaf.name }]
  }
  const heap = leaf.file === null ? null : { name: quoteTable(leaf.name), file: leaf.file }
  const bytesPerBlock = leaf.blocks === 0 ? 8192 : leaf.bytes / leaf.blocks
  const chunkBlocks = chunked ? Math.max(1, Math.floor(chunkBytes / bytesPerBlock)) : 0xffff_ffff
  const count = Math.max(1, Math.ceil(leaf.blocks / perPart))
  const size = Math.ceil(leaf.blocks / count)
  return Array.from({ length: count }, (_, index) => {
    const first = index * size
    const isLast = index === count - 1
    const blocks = isLast ? leaf.blocks - first : size
    const share = leaf.blocks === 0 ? 1 : blocks / leaf.blocks
    const range = { from, first, end: isLast ? null : first + size, blocks, chunkBlocks, heap }
    return { range, rows: leaf.rows * share, bytes: leaf.bytes * share, name: leaf.name }
  })
}

/** Small partitions share a part. */
function packRanges(ranges: readonly SizedRange[], perPart: number): SizedRange[][] {
  const groups: SizedRange[][] = []
  let room = 0
  for (const sized of ranges) {
    if (sized.range.blocks > room || groups.length === 0) {
      groups.push([])
      room = perPart
    }
    groups.at(-1)?.push(sized)
    room -= sized.range.blocks
  }
  return groups
}

function labelOf(group: readonly SizedRange[]): string {
  const [only, ...more] = group
  if (!only) return ''
  if (more.length > 0) return `${group.length} partitions from ${showTable(only.name)}`.slice(0, 500)
  const { first, end } = only.range
  const blocks = first === null ? '' : `, blocks ${first}–${end === null ? 'end' : end - 1}`
  return `${showTable(only.name)}${blocks}`.slice(0, 500)
}

/** The heap tables a relation is made of, or null where it can only be read as a whole. */
async function readableLeaves(session: PgSession, relation: Relation): Promise<Leaf[] | null> {
  if (!['r', 'p', 'm'].includes(relation.kind)) return null
  const { rows } = await session.query<Leaf & { rangeScans: boolean; policies: boolean }>(leavesSql, [
    relation.oid,
  ])
  const [root] = rows
  if (!root?.rangeScans || (root.policies && rows.length > 1)) return null
  const leaves = rows.filter(({ kind }) => kind !== 'p')
  const isReadable = leaves.every(({ kind, isHeap, mayRead }) => mayRead && (isHeap || kind === 'f'))
  return isReadable && leaves.length > 0 ? leaves : null
}

/** TID range scans exist since PostgreSQL 14; before, every chunk would read the whole table. */
const leavesSql = `
  WITH RECURSIVE tree AS (
    SELECT $1::int8::oid AS oid, 0 AS depth
    UNION ALL SELECT i.inhrelid, depth + 1 FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)
  SELECT json_build_object('schema', n.nspname, 'table', c.relname) AS name, c.relkind::text AS kind,
    c.relkind IN ('r', 'm') AND am.amname = 'heap' AS "isHeap",
    c.oid::int8::text || '/' || pg_relation_filenode(c.oid) AS file,
    (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 AS blocks,
    pg_table_size(c.oid)::float8 AS bytes, greatest(c.reltuples, 0)::float8 AS rows,
    has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT') AS "mayRead",
    current_setting('server_version_num')::int >= 140000 AS "rangeScans", row_security_active(c.oid) AS policies
  FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am am ON am.oid = c.relam ORDER BY depth, c.oid`

/**
 * The steps of a part, in order; a ledger's position counts them. A table in one step needs no condition, which spares its
 * server a comparison for each row.
 */
export function chunksOf({ ranges }: TablePartEngine): { from: string; where: string }[] {
  return ranges.flatMap(({ from, first, end, blocks, chunkBlocks }) => {
    if (first === null) return [{ from, where: '' }]
    const count = Math.max(1, Math.ceil(blocks / chunkBlocks))
    return Array.from({ length: count }, (_, index) => {
      const start = first + index * chunkBlocks
      const stop = index === count - 1 ? end : start + chunkBlocks
      return { from, where: start === 0 && stop === null ? '' : blockCondition(start, stop) }
    })
  })
}

/** `ctid` is (block, line); lines begin at 1. */
export function blockCondition(first: number, end: number | null): string {
  const low = `ctid >= '(${first},0)'::tid`
  return end === null ? ` WHERE ${low}` : ` WHERE ${low} AND ctid < '(${end},0)'::tid`
}
