import { describe, expect, test } from 'vitest'
import { parsePgType } from '@/lib/protocol/pg-type'

describe('parsePgType()', () => {
  test.each([
    ['varchar(20)', { base: 'character varying', modifiers: [20], isArray: false }],
    ['NUMERIC(12, 2)', { base: 'numeric', modifiers: [12, 2], isArray: false }],
    ['timestamp(3) with time zone', { base: 'timestamp with time zone', modifiers: [3], isArray: false }],
    ['float [] ', { base: 'double precision', modifiers: [], isArray: true }],
    ['pg_catalog.int4[][]', { base: 'integer', modifiers: [], isArray: true }],
    ['numeric(5,-2)', { base: 'numeric', modifiers: [5, -2], isArray: false }],
    ['"Mood"', { base: '"Mood"', modifiers: [], isArray: false }],
    ['int4[]', { base: 'integer', modifiers: [], isArray: true }],
  ])('reads %s', (text, type) => {
    expect(parsePgType(text)).toEqual(type)
  })
})
