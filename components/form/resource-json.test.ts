import { expect, test } from 'vitest'
import { readResource, writeResource } from '@/components/form/resource-json'
import { LinkedServiceDefinition } from '@/lib/linked-services/schemas'

const definition = {
  type: 'FileServer' as const,
  connectVia: { referenceName: 'plant-7', type: 'IntegrationRuntimeReference' as const },
  typeProperties: { host: '/srv' },
}
const as = { schema: LinkedServiceDefinition, name: 'exports' }
const read = (resource: unknown) => readResource(JSON.stringify(resource), as)

test('readResource() reads what writeResource() wrote', () => {
  expect(readResource(writeResource('exports', definition), as)).toEqual({ ok: true, definition })
})

test('readResource() says what is wrong, with its path', () => {
  expect(readResource('{', as)).toEqual({ ok: false, problems: ['This is not valid JSON'] })
  expect(read({ name: 'exports' })).toEqual({
    ok: false,
    problems: ['Write { "name": …, "properties": { … } }'],
  })
  const properties = { ...definition, typeProperties: { host: ' ' } }
  expect(read({ name: 'other', properties })).toEqual({
    ok: false,
    problems: ['name: it stays "exports"', 'properties.typeProperties.host: Enter a folder on the node'],
  })
})

test('readResource() says that something is missing, not what a library received', () => {
  expect(read({ name: 'exports', properties: { type: 'FileServer', typeProperties: {} } })).toEqual({
    ok: false,
    problems: [
      'properties.connectVia: It is missing: write an object',
      'properties.typeProperties.host: It is missing',
    ],
  })
})

test('readResource() refuses secrets wherever they stand', () => {
  const typeProperties = {
    host: '/srv',
    password: { type: 'SecureString', value: 'canary' },
    userSecret: 'x',
  }
  expect(read({ name: 'exports', properties: { ...definition, typeProperties } })).toMatchObject({
    problems: [
      expect.stringMatching(/^properties\.typeProperties\.password: a secret must not stand/),
      expect.stringMatching(/^properties\.typeProperties\.userSecret: /),
    ],
  })
})
