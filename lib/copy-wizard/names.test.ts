import { describe, expect, test } from 'vitest'
import { plannedCopies } from '@/lib/copy-wizard/copies'
import { activityNames, resourceName, uniqueNames } from '@/lib/copy-wizard/names'
import { aDraft, lake } from '@/lib/copy-wizard/test-draft'
import { ResourceName } from '@/lib/protocol/scalars'

describe('names', () => {
  test.each(['Ærø & flights_3m', '--', 'x', 'a'.repeat(90), 'Zażółć'])(
    'resourceName() makes a legal name of %s',
    (text) => {
      expect(ResourceName.safeParse(resourceName(text, '')).success).toBe(true)
      expect(ResourceName.safeParse(resourceName(text, '-source')).success).toBe(true)
    },
  )

  test('uniqueNames() and activityNames() tell the doubled apart within their limits', () => {
    const long = { text: 'a'.repeat(90), ending: '-sink' }
    const names = uniqueNames([long, long], [])
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(ResourceName.safeParse(name).success).toBe(true)
    const tables = ['x', 'y'].map((end) => ({ schema: 'public', table: `${'t'.repeat(60)}${end}` }))
    const copies = plannedCopies(aDraft({ source: { tables } }), { sink: lake })
    expect(activityNames(copies).map((name) => name.length)).toEqual([55, 55])
    expect(new Set(activityNames(copies)).size).toBe(2)
  })
})
