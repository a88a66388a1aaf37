import { describe, expect, test } from 'vitest'
import { afterPreviewItem, renameRows } from '@/lib/copy-wizard/after-preview'
import { postgresTypeOf } from '@/lib/copy-wizard/column-types'
import { plannedCopies } from '@/lib/copy-wizard/copies'
import { CopyDraft } from '@/lib/copy-wizard/draft-schema'
import {
  autoMapping,
  mappingLines,
  type MappingSink,
  proposedKeys,
  reconcileMapping,
  toColumnMapping,
} from '@/lib/copy-wizard/mapping'

const source = [
  { name: 'id', type: 'bigint', isKey: true },
  { name: 'Total', type: 'numeric(12,2)' },
  { name: 'at', type: 'timestamp with time zone' },
]
const isNew = { kind: 'new' } as const
const existing: MappingSink = {
  kind: 'existing',
  columns: [
    { name: 'id', type: 'bigint', isKey: true },
    { name: 'total', type: 'numeric(10,1)' },
  ],
}

test('postgresTypeOf() gives the table type for a column of a Parquet file', () => {
  const types = ['DECIMAL(12,2)', 'INT(32)', 'TIMESTAMP(MICROS,UTC)', 'STRING', 'bigint']
  expect(types.map(postgresTypeOf)).toEqual([
    'numeric(12,2)',
    'integer',
    'timestamp with time zone',
    'text',
    null,
  ])
})

describe('a mapping', () => {
  test('goes by name into a new table, and needs not be said', () => {
    const rows = autoMapping(source, isNew)
    expect(rows.map(({ sink }) => sink)).toEqual(['id', 'Total', 'at'])
    expect(toColumnMapping(rows)).toBeNull()
  })

  test('finds the columns of an existing table whatever their case, and leaves out what it lacks', () => {
    const rows = autoMapping(source, existing)
    expect(mappingLines(rows, source, existing)).toMatchObject([
      { sink: 'id', mark: null },
      { sink: 'total', effectiveType: 'numeric(10,1)', mark: { level: 'loses' } },
      { include: false, mark: { text: 'left out: the table has no such column' } },
    ])
    expect(toColumnMapping(rows)).toEqual([
      { source: 'id', sink: 'id' },
      { source: 'Total', sink: 'total' },
    ])
  })

  test('says at the column what is wrong', () => {
    const [id, total, at] = autoMapping(source, isNew)
    if (!id || !total || !at) throw new Error('three columns')
    const problems = (rows: ReturnType<typeof autoMapping>, sink: MappingSink = isNew) =>
      mappingLines(rows, source, sink).map(({ problem }) => problem)
    expect(problems([id, { ...total, sink: 'id ' }, { ...at, sink: ' ' }])).toEqual([
      'Two columns go to "id"',
      'Two columns go to "id"',
      'Enter a name, or leave the column out',
    ])
    expect(problems([id, { ...total, sink: 'sum' }], existing)).toEqual([
      null,
      'The table has no column "sum"',
    ])
    expect(problems([{ ...id, sink: 'ü'.repeat(32) }, total, { ...at, sink: 'a'.repeat(63) }])).toEqual([
      'PostgreSQL keeps 63 bytes of a name. Enter a shorter one',
      null,
      null,
    ])
  })

  test('says what a file’s header makes impossible: one name twice, or none', () => {
    const columns = ['id', 'id', '', 'total'].map((name) => ({ name, type: 'text' }))
    const rows = autoMapping(columns, isNew).map((row, at) => ({ ...row, sink: `c${at}` }))
    expect(mappingLines(rows, columns, isNew).map(({ problem }) => problem)).toEqual([
      'The source has two columns of this name. Rename one of them there',
      'The source has two columns of this name. Rename one of them there',
      'It has no name at the source. Name it there, or leave it out',
      null,
    ])
    const without = rows.map((row) => ({ ...row, include: row.source !== '' }))
    expect(mappingLines(without, columns, isNew)[2]?.problem).toBeNull()
  })

  test('keeps edits, takes new columns in and lets vanished ones go', () => {
    const edited = [
      { source: 'Total', include: true, sink: 'amount', sinkType: 'numeric(14,2)' },
      { source: 'gone', include: true, sink: 'gone', sinkType: '' },
    ]
    expect(reconcileMapping(edited, source, isNew).map(({ sink }) => sink)).toEqual(['id', 'amount', 'at'])
  })

  test('proposes the primary key for an upsert, under its name at the sink', () => {
    const rows = autoMapping(source, isNew).map((row) =>
      row.source === 'id' ? { ...row, sink: 'order_id' } : row,
    )
    expect(proposedKeys(mappingLines(rows, source, isNew), isNew)).toEqual(['order_id'])
    expect(proposedKeys([], existing)).toEqual(['id'])
  })

  test('takes the types of a Parquet file into a new table without a mark', () => {
    const columns = [{ name: 'price', type: 'DECIMAL(12,2)' }]
    expect(mappingLines(autoMapping(columns, isNew), columns, isNew)).toMatchObject([
      { effectiveType: 'numeric(12,2)', mark: null },
    ])
  })
})

describe('the preview of what will arrive', () => {
  const draft = CopyDraft.parse({
    source: { tables: [{ schema: 'public', table: 'my "orders"' }] },
  })
  const [copy] = plannedCopies(draft, { sink: undefined })
  const rows = autoMapping(source, isNew).map((row) => ({
    ...row,
    include: row.source !== 'at',
    sinkType: row.source === 'Total' ? 'integer' : '',
  }))
  const lines = mappingLines(rows, source, isNew)

  test('asks the source for the casts of the copy', () => {
    if (!copy) throw new Error('one copy')
    expect(afterPreviewItem(draft, copy, lines)).toEqual({
      kind: 'query',
      query: 'select "id" as "id", "Total"::integer as "Total" from "public"."my ""orders"""',
    })
  })

  test('wraps a query, and casts to nothing that does not look like a type', () => {
    const query = CopyDraft.parse({ source: { kind: 'query', query: 'select 1 -- one\n;' } })
    const [of] = plannedCopies(query, { sink: undefined })
    if (!of) throw new Error('one copy')
    const evil = lines.map((line) => ({ ...line, effectiveType: 'text); drop table x' }))
    expect(afterPreviewItem(query, of, evil)).toEqual({
      kind: 'query',
      query: 'select "id" as "id", "Total" as "Total" from (select 1 -- one\n\n) as source',
    })
  })

  test('renames and leaves out the columns of a file', () => {
    const renamed = lines.map((line) => ({ ...line, sink: line.sink.toUpperCase() }))
    expect(renameRows(source, [['1', '9.50', '2026-01-01']], renamed)).toEqual({
      columns: [
        { name: 'ID', type: 'bigint' },
        { name: 'TOTAL', type: 'integer' },
      ],
      rows: [['1', '9.50']],
    })
  })
})
