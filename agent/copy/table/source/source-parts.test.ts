import { expect, test } from 'vitest'
import { type BlockRange, chunksOf } from './source-parts.ts'

const range = (change: Partial<BlockRange>): BlockRange => ({
  from: 'ONLY t',
  first: 0,
  end: null,
  blocks: 10,
  chunkBlocks: 4,
  heap: null,
  ...change,
})
const conditions = (...ranges: BlockRange[]) => chunksOf({ ranges }).map(({ where }) => where.trim())

test('steps meet each other, and the last of a table has no end', () => {
  expect(conditions(range({}))).toEqual([
    "WHERE ctid >= '(0,0)'::tid AND ctid < '(4,0)'::tid",
    "WHERE ctid >= '(4,0)'::tid AND ctid < '(8,0)'::tid",
    "WHERE ctid >= '(8,0)'::tid",
  ])
  expect(conditions(range({ first: 10, end: 15, blocks: 5 }))).toEqual([
    "WHERE ctid >= '(10,0)'::tid AND ctid < '(14,0)'::tid",
    "WHERE ctid >= '(14,0)'::tid AND ctid < '(15,0)'::tid",
  ])
})

test('a table in one step is read without a condition', () => {
  expect(conditions(range({ chunkBlocks: 10 }), range({ blocks: 0 }), range({ first: null }))).toEqual([
    '',
    '',
    '',
  ])
  expect(conditions(range({ chunkBlocks: 10, end: 10 }))).toEqual([
    "WHERE ctid >= '(0,0)'::tid AND ctid < '(10,0)'::tid",
  ])
})
