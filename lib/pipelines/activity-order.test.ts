import { describe, expect, test } from 'vitest'
import { activityOrderIssues } from '@/lib/pipelines/activity-order'

const after = (...names: string[]) => names.map((activity) => ({ activity }))

describe('activityOrderIssues()', () => {
  test('lets a chain and a diamond pass', () => {
    const activities = [
      { name: 'a' },
      { name: 'b', dependsOn: after('a') },
      { name: 'c', dependsOn: after('a') },
      { name: 'd', dependsOn: after('b', 'c') },
    ]
    expect(activityOrderIssues(activities)).toEqual([])
  })

  test('names a name used twice, an unknown dependency and a circle, each at its place', () => {
    expect(activityOrderIssues([{ name: 'a' }, { name: 'A' }])).toMatchObject([{ path: [1, 'name'] }])
    expect(activityOrderIssues([{ name: 'a', dependsOn: after('z') }])).toEqual([
      { path: [0, 'dependsOn', 0, 'activity'], message: 'There is no activity "z" in this pipeline' },
    ])
    const circle = [{ name: 'x' }, { name: 'a', dependsOn: after('b') }, { name: 'b', dependsOn: after('a') }]
    expect(activityOrderIssues(circle)).toEqual([
      { path: [1, 'dependsOn'], message: 'These activities wait for each other: "a", "b"' },
    ])
  })
})
