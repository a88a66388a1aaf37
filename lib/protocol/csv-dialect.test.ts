import { expect, test } from 'vitest'
import { DatasetDefinition } from '@/lib/datasets/schemas'
import { csvDialectProblems } from '@/lib/protocol/csv-dialect'

const usual = { delimiter: ',', quote: '"', nullText: '' }

test('csvDialectProblems() finds nothing against what COPY takes', () => {
  for (const odd of [{}, { delimiter: '\t', nullText: String.raw`\N` }, { quote: "'" }, { nullText: 'é' }])
    expect(csvDialectProblems({ ...usual, ...odd })).toEqual([])
})

test.each([
  [{ delimiter: '' }, 'delimiter'],
  [{ delimiter: '||' }, 'delimiter'],
  [{ delimiter: '\r' }, 'delimiter'],
  [{ delimiter: '§' }, 'delimiter'],
  [{ quote: '“' }, 'quote'],
  [{ quote: ',' }, 'quote'],
  [{ nullText: 'n,a' }, 'nullText'],
  [{ nullText: '"NULL"' }, 'nullText'],
  [{ nullText: 'a\nb' }, 'nullText'],
  [{ nullText: 'x'.repeat(33) }, 'nullText'],
])('csvDialectProblems() names the field of %j', (odd, field) => {
  expect(csvDialectProblems({ ...usual, ...odd })).toEqual([[field, expect.stringMatching(/^(Use|It must)/)]])
})

test('a dataset says it at the field, by the name in its JSON', () => {
  const definition = {
    type: 'DelimitedText',
    linkedServiceName: { referenceName: 'files', type: 'LinkedServiceReference' },
    typeProperties: {
      location: { type: 'FileServerLocation' },
      columnDelimiter: ';',
      quoteChar: ';',
      nullValue: ';',
    },
  }
  const issues = DatasetDefinition.safeParse(definition).error?.issues
  expect(issues?.map(({ path }) => path.join('.'))).toEqual([
    'typeProperties.quoteChar',
    'typeProperties.nullValue',
  ])
})
