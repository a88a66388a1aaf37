import { expect, test } from 'vitest'
import { Id } from '@/lib/protocol/scalars'
import { orderedIds } from '@/lib/tasks/ordered-ids'

test('orderedIds() makes valid, distinct identifiers that sort in the order of the list', () => {
  const ids = orderedIds(10_000, Date.now())
  expect(ids.every((id) => Id.safeParse(id).success)).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual(ids)
})
