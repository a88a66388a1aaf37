import { expect, test } from 'vitest'
import { leftOut } from '@/components/form/left-out'

test('leftOut() names what a schema did not keep, however deep', () => {
  const given = { activities: [{ name: 'a', policy: { retry: 2 } }], folder: { name: 'x' }, description: 'd' }
  const kept = { activities: [{ name: 'a', dependsOn: [] }], description: 'd' }
  expect(leftOut(given, kept)).toEqual(['properties.activities.0.policy', 'properties.folder'])
  expect(leftOut(kept, kept)).toEqual([])
})
