/** As much of an activity as its place in the pipeline depends on. */
type OrderedActivity = { name: string; dependsOn?: { activity: string }[] | undefined }
type Issue = { path: (string | number)[]; message: string }

/** What is wrong with names and dependencies: a name used twice, a dependency on nothing, a circle. */
export function activityOrderIssues(activities: readonly OrderedActivity[]): Issue[] {
  const issues = [...duplicateNames(activities), ...unknownDependencies(activities)]
  return issues.length > 0 ? issues : circles(activities)
}

function duplicateNames(activities: readonly OrderedActivity[]): Issue[] {
  return activities.flatMap(({ name }, index) =>
    activities.findIndex((other) => other.name.toLowerCase() === name.toLowerCase()) < index
      ? [{ path: [index, 'name'], message: `Another activity is called "${name}" already` }]
      : [],
  )
}

function unknownDependencies(activities: readonly OrderedActivity[]): Issue[] {
  const names = new Set(activities.map(({ name }) => name))
  return activities.flatMap(({ dependsOn = [] }, index) =>
    dependsOn.flatMap(({ activity }, at) =>
      names.has(activity)
        ? []
        : [
            {
              path: [index, 'dependsOn', at, 'activity'],
              message: `There is no activity "${activity}" in this pipeline`,
            },
          ],
    ),
  )
}

/** Takes away, again and again, what depends on nothing that is left; what stays is a circle. */
function circles(activities: readonly OrderedActivity[]): Issue[] {
  let left = [...activities]
  for (;;) {
    const names = new Set(left.map(({ name }) => name))
    const bound = left.filter(({ dependsOn = [] }) => dependsOn.some(({ activity }) => names.has(activity)))
    if (bound.length === left.length) break
    left = bound
  }
  const [first] = left
  if (!first) return []
  const circle = left.map(({ name }) => `"${name}"`).join(', ')
  return [
    {
      path: [activities.indexOf(first), 'dependsOn'],
      message: `These activities wait for each other: ${circle}`,
    },
  ]
}
