import { describe, expect, test } from 'vitest'
import { sinkFormats, sinkRefusal } from '@/lib/copy-wizard/combinations'
import type { WizardStore } from '@/lib/copy-wizard/draft'
import type { CopyDraft } from '@/lib/copy-wizard/draft-schema'
import { exports, far, lake, orders, stores } from '@/lib/copy-wizard/test-draft'

type Source = CopyDraft['source']
function from(kind: Source['kind'], format: Source['format'], store: WizardStore) {
  return { kind, format, store }
}
function offered(kind: Source['kind']) {
  return sinkFormats({ kind, format: 'binary' }).flatMap(({ value, refusal }) => (refusal ? [] : [value]))
}

describe('sinkRefusal() and sinkFormats() offer what the engine does', () => {
  test.each([
    [from('tables', 'parquet', orders), ['orders-db', 'lake', 'exports']],
    [from('query', 'csv', orders), ['orders-db', 'lake', 'exports']],
    [from('files', 'csv', lake), ['orders-db']],
    [from('files', 'jsonl', exports), ['orders-db']],
    [from('files', 'parquet', lake), ['orders-db']],
    [from('files', 'binary', lake), ['lake', 'exports']],
  ])('%j', (source, sinks) => {
    const taken = stores.filter((store) => sinkRefusal(source, store) === null).map(({ name }) => name)
    expect(taken).toEqual(sinks)
  })

  test('a store behind another runtime is refused with both names', () => {
    expect(sinkRefusal(from('tables', 'parquet', orders), far)).toBe(
      'It connects via plant-8, the source via plant-7. A copy runs on one runtime',
    )
  })

  test('tables become files that hold rows, files stay binary', () => {
    expect([offered('tables'), offered('files')]).toEqual([['parquet', 'csv', 'jsonl'], ['binary']])
  })
})
