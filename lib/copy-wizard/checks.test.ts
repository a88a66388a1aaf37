import { describe, expect, test } from 'vitest'
import { draftProblems } from '@/lib/copy-wizard/checks'
import { plannedCopies } from '@/lib/copy-wizard/copies'
import { CopyDraft } from '@/lib/copy-wizard/draft-schema'
import { autoMapping, mappingLines } from '@/lib/copy-wizard/mapping'
import { aDraft, orders, stores } from '@/lib/copy-wizard/test-draft'

const problems = (draft: CopyDraft, facts: Partial<Parameters<typeof draftProblems>[1]> = {}) =>
  draftProblems(draft, { stores, isNameTaken: false, lines: {}, ...facts }).map(
    ({ field, message }) => `${field}: ${message}`,
  )

describe('draftProblems()', () => {
  test('finds nothing in a finished draft, and the first step of an empty one', () => {
    expect(problems(aDraft())).toEqual([])
    expect(problems(CopyDraft.parse({}))).toEqual([
      'source.linkedService: Choose where to copy from',
      'sink.linkedService: Choose where to copy to',
    ])
  })

  test.each([
    [
      { source: { linkedService: 'gone' } },
      'source.linkedService: The linked service "gone" does not exist any more',
    ],
    [
      { source: { linkedService: 'orders-db', kind: 'query' } },
      'source.query: Enter the query whose rows are copied',
    ],
    [
      { sink: { linkedService: 'far', container: 'lake' } },
      'sink.linkedService: It connects via plant-8, the source via plant-7. A copy runs on one runtime',
    ],
    [
      { sink: { linkedService: 'lake', container: 'Lake' } },
      'sink.container: Use 3 to 63 lower-case letters, digits and single hyphens',
    ],
    [
      { sink: { linkedService: 'orders-db' } },
      'sink.table: public.flights would be copied onto itself. Choose another name or schema',
    ],
    [
      { sink: { linkedService: 'lake', container: 'lake', folder: '{day}' } },
      'sink.folder: Only {table} and {schema} are replaced',
    ],
    [
      { options: { parallelCopies: '0' } },
      'options.parallelCopies: Use a whole number from 1 to 256, or leave it empty',
    ],
    [
      { options: { writeBehavior: 'upsert' } },
      'options.writeBehavior: Files have no keys: only a table can be changed row by row',
    ],
    [
      {
        source: {
          linkedService: 'lake',
          kind: 'files',
          container: 'lake',
          format: 'csv',
          csv: { nullText: 'x'.repeat(33) },
        },
        sink: { linkedService: 'orders-db', table: 'orders' },
      },
      'source.csv.nullText: Use at most 32 characters',
    ],
    [
      { sink: { linkedService: 'lake', container: 'lake', fileName: 'x'.repeat(201) } },
      'sink.fileName: Use at most 200 characters',
    ],
    [{ name: 'a--b' }, 'name: Use single hyphens only'],
  ])('%j', (changes, problem) => {
    expect(problems(aDraft(changes))).toContain(problem)
  })

  test('tells tables of one name in two schemas apart', () => {
    const tables = ['a', 'b'].map((schema) => ({ schema, table: 'orders' }))
    const source = { linkedService: 'orders-db', tables }
    const sink = { linkedService: 'orders-db', schema: 'mart' }
    expect(problems(aDraft({ source, sink }))).toEqual([
      'sink.table: Two tables would go to "orders". Add {schema}_ before {table}',
    ])
    expect(problems(aDraft({ source, sink: { ...sink, table: '{schema}_{table}' } }))).toEqual([])
    expect(problems(aDraft({ source, sink: { ...sink, table: 'all' } }))).toEqual([
      'sink.table: Two tables would go to "all". Put {table} into it, for the name at the source',
    ])
  })

  test('takes a table by its name, whatever stands in it', () => {
    const tables = ['price$$usd', 'a$&b', '{schema}', '{table}', '{day}'].map((table) => ({
      schema: 'odd',
      table,
    }))
    const draft = aDraft({
      source: { linkedService: 'orders-db', tables },
      sink: { linkedService: 'orders-db', schema: 'mart', table: '{schema}_{table}' },
    })
    expect(problems(draft)).toEqual([])
    expect(plannedCopies(draft, { sink: orders }).map(({ sink }) => sink)).toEqual(
      tables.map(({ table }) => ({ kind: 'table', schema: 'mart', table: `odd_${table}` })),
    )
  })

  test('refuses a table without columns before anybody runs it', () => {
    const lines = { '["public","flights"]': [] }
    expect(problems(aDraft(), { lines })).toEqual([
      'mappings.["public","flights"]: public.flights has no columns to copy',
    ])
  })

  test('wants upsert keys that are copied', () => {
    const sink = { linkedService: 'orders-db', schema: 'mart' }
    const options = { writeBehavior: 'upsert' }
    const key = '["public","flights"]'
    expect(problems(aDraft({ sink, options }))).toEqual([
      `keys.${key}: Choose the key columns of public.flights`,
    ])
    const source = [{ name: 'id', type: 'bigint' }]
    const lines = { [key]: mappingLines(autoMapping(source, { kind: 'new' }), source, { kind: 'new' }) }
    expect(problems(aDraft({ sink, options, keys: { [key]: ['no'] } }), { lines })).toEqual([
      `keys.${key}: The key "no" of public.flights is not copied`,
    ])
  })

  test('knows a pipeline’s name that is taken', () => {
    expect(problems(aDraft({ name: 'nightly' }), { isNameTaken: true })).toEqual([
      'name: A pipeline "nightly" exists already. Choose another name',
    ])
  })
})
