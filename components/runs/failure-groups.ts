import type { RunActivity } from '@/lib/runs/read/activity-detail'

type FailedActivity = Pick<RunActivity, 'id' | 'name' | 'failure' | 'source' | 'sink'>
export type FailureGroup = { key: string; title: string; names: string[]; message: string; remedy: string }

/** Names beyond these say nothing new: the list of activities has them all. */
const mostNamed = 8

/** One entry per reason: a missing schema fails every table of a run in the same words. */
export function groupFailures(activities: readonly FailedActivity[]): FailureGroup[] {
  const groups = new Map<string, FailedActivity[]>()
  for (const activity of activities) {
    const { failure } = activity
    if (!failure) continue
    const key = [placeOf(activity, 'its'), failure.message, failure.remedy].join('\n')
    groups.set(key, [...(groups.get(key) ?? []), activity])
  }
  return [...groups].flatMap(([key, members]) => {
    const [first] = members
    if (!first?.failure) return []
    const { message, remedy } = first.failure
    return [{ key, title: titleOf(members), names: namesOf(members), message, remedy }]
  })
}

function titleOf(members: readonly FailedActivity[]): string {
  const [first, ...others] = members
  if (!first) return ''
  if (others.length === 0) return `${first.name} failed${placeOf(first, 'its')}`
  return `${members.length} activities failed${placeOf(first, 'their')}`
}

/** Of one activity the title says the name. */
function namesOf(members: readonly FailedActivity[]): string[] {
  return members.length === 1 ? [] : members.map(({ name }) => name)
}

/** `Copy a, Copy b and 14 more`. */
export function tellNames(names: readonly string[]): string {
  const rest = names.length - mostNamed
  return rest > 1 ? `${names.slice(0, mostNamed).join(', ')} and ${rest} more` : names.join(', ')
}

function placeOf({ failure, source, sink }: FailedActivity, whose: 'its' | 'their'): string {
  if (failure?.side === 'source') return ` at ${whose} source, ${source.linkedService}`
  if (failure?.side === 'sink') return ` at ${whose} sink, ${sink.linkedService}`
  if (failure?.side === 'node') return ' on the node'
  // Not every failure knows where it arose, and then a guess would send somebody to the wrong place.
  return failure?.side === 'portal' ? ' in the portal' : ''
}
