import { describe, expect, test } from 'vitest'
import {
  chooseKind,
  chooseSink,
  chooseSinkFormat,
  chooseSource,
  chooseSourceFormat,
} from '@/lib/copy-wizard/choose'
import { emptyDraft } from '@/lib/copy-wizard/draft'
import { CopyDraft } from '@/lib/copy-wizard/draft-schema'
import { lake, orders } from '@/lib/copy-wizard/test-draft'

describe('choosing a source', () => {
  test('another store begins with nothing chosen, the same one keeps it', () => {
    const draft = CopyDraft.parse({
      source: { linkedService: 'orders-db', tables: [{ schema: 'a', table: 'b' }] },
      mappings: { x: [] },
    })
    expect(chooseSource(draft, orders)).toBe(draft)
    expect(chooseSource(draft, lake)).toMatchObject({
      source: { linkedService: 'lake', kind: 'files', tables: [] },
      mappings: {},
    })
  })

  test('only tables are named by a pattern', () => {
    const draft = CopyDraft.parse({ sink: { folder: 'raw/{schema}/{table}' } })
    const query = chooseKind(draft, 'query')
    expect(query.sink).toMatchObject({ table: '', folder: 'raw' })
    expect(chooseKind(query, 'tables').sink).toMatchObject({ table: '{table}', folder: 'raw' })
  })

  test('binary files go into binary files, rows into a format that holds rows', () => {
    const files = chooseSource(emptyDraft(), lake)
    const binary = chooseSourceFormat(files, 'binary')
    expect(binary.sink).toMatchObject({ format: 'binary', compression: 'none' })
    expect(chooseSource(binary, orders).sink).toMatchObject({ format: 'parquet', compression: 'zstd' })
  })
})

describe('choosing a sink', () => {
  test('files take no upsert', () => {
    const draft = CopyDraft.parse({ options: { writeBehavior: 'upsert' } })
    expect(chooseSink(draft, lake).options.writeBehavior).toBe('append')
    expect(chooseSink(draft, orders).options.writeBehavior).toBe('upsert')
  })

  test('a format begins with the compression that suits it', () => {
    const draft = emptyDraft()
    expect(chooseSinkFormat(draft, 'csv').sink).toMatchObject({ format: 'csv', compression: 'none' })
    const gzip = CopyDraft.parse({ sink: { format: 'jsonl', compression: 'gzip' } })
    expect(chooseSinkFormat(gzip, 'parquet').sink).toMatchObject({ format: 'parquet', compression: 'zstd' })
  })
})
