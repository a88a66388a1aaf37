import { describe, expect, test } from 'vitest'
import { castMark, formatMark } from '@/lib/protocol/conversions'

describe('castMark()', () => {
  test.each([
    ['integer', 'bigint', null],
    ['numeric(12,2)', 'numeric(14,2)', null],
    ['varchar(10)', 'varchar(20)', null],
    ['jsonb', 'text', null],
    ['integer', 'numeric', null],
    ['smallint', 'double precision', null],
    ['date', 'timestamp', null],
    ['boolean', 'varchar(5)', null],
    ['bigint', 'integer', 'mayStop'],
    ['text', 'integer', 'mayStop'],
    ['text', 'varchar(20)', 'mayStop'],
    ['numeric(12,2)', 'numeric(10,2)', 'mayStop'],
    ['integer[]', 'integer', 'mayStop'],
    ['text', 'uuid', 'mayStop'],
    ['numeric(12,2)', 'numeric(12,1)', 'loses'],
    ['numeric', 'double precision', 'loses'],
    ['double precision', 'integer', 'loses'],
    ['bigint', 'double precision', 'loses'],
    ['timestamptz', 'timestamp', 'loses'],
    ['timestamptz', 'date', 'loses'],
    ['json', 'jsonb', 'loses'],
    ['integer', 'real', 'loses'],
    ['timestamp', 'time', 'loses'],
    ['timestamp', 'timestamp(3)', 'loses'],
    ['timestamp(3)', 'timestamp(6)', null],
    ['numeric(12,2)[]', 'numeric(12,1)[]', 'loses'],
    ['bit(4)', 'bit(3)', 'mayStop'],
    ['bit(4)', 'bit varying(3)', 'mayStop'],
    ['integer', 'bit(3)', 'loses'],
    ['interval', 'interval year to month', 'loses'],
    ['interval day to second', 'interval', null],
    ['polygon', 'point', 'loses'],
    ['numeric', 'money', 'loses'],
    ['money', 'numeric(10,1)', 'loses'],
    ['money', 'numeric(10,2)', 'mayStop'],
    ['money', 'numeric', null],
    ['inet', 'cidr', 'loses'],
    ['interval', 'time', 'loses'],
    ['timestamptz', 'timetz', 'loses'],
    ['text', 'name', 'loses'],
    ['text', '"char"', 'loses'],
    ['character(5)', 'character(3)', 'mayStop'],
    ['numeric(5,2)', 'double precision', null],
    ['integer[]', 'text', 'note'],
  ])('%s to %s is %s', (from, to, level) => {
    expect(castMark(from, to)?.level ?? null).toBe(level)
  })
})

test.each([
  ['numeric(38,4)', 'parquet', null],
  ['uuid', 'parquet', null],
  ['numeric', 'parquet', 'note'],
  ['numeric(50,2)', 'parquet', 'note'],
  ['numeric(38,-2)', 'parquet', 'note'],
  ['numeric(5,-2)', 'parquet', null],
  ['interval', 'parquet', 'note'],
  ['integer[]', 'parquet', 'mayStop'],
  ['interval[]', 'parquet', 'note'],
  ['interval', 'csv', null],
  ['integer[]', 'csv', null],
  ['integer[]', 'jsonl', 'loses'],
  ['jsonb', 'jsonl', 'loses'],
  ['integer', 'jsonl', null],
] as const)('formatMark(): %s in %s is %s', (type, format, level) => {
  expect(formatMark(type, format)?.level ?? null).toBe(level)
})
