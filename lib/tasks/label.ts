import { sql } from 'drizzle-orm'
import { tasks } from '@/drizzle/schema/runs'
import type { TaskKind } from '@/lib/protocol/task'

/** Selected for `taskLabel`: the spec itself may be large, and says more than a list needs. */
export const labelColumns = {
  activity: sql<string | null>`${tasks.spec} -> 'copy' ->> 'activityName'`,
  part: sql<string | null>`${tasks.spec} -> 'part' ->> 'label'`,
}

const kindWords: Record<TaskKind, string> = {
  testConnection: 'Test connection',
  browse: 'Browse',
  describe: 'Describe columns',
  preview: 'Preview rows',
  prepareCopy: 'prepare',
  copyPart: 'copy',
  publishCopy: 'publish',
  cleanUpCopy: 'clean up',
}

/** A task as people name it: activity, step and part. */
export function taskLabel(kind: TaskKind, activity: string | null, part: string | null): string {
  if (!activity) return kindWords[kind]
  return [activity, part ?? kindWords[kind]].join(' · ')
}

/** The same of a task whose spec is at hand. */
export function specLabel({ kind, spec }: Pick<typeof tasks.$inferSelect, 'kind' | 'spec'>): string {
  const activity = 'copy' in spec ? spec.copy.activityName : null
  return taskLabel(kind, activity, spec.kind === 'copyPart' ? spec.part.label : null)
}
