import type { ReadDb } from '@/lib/db/client'
import { AppError } from '@/lib/errors'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import { loadDefinitions, loadLinkedServices } from '@/lib/runs/resolve/load-definitions'
import { hasEnded } from '@/lib/runs/pipeline-status'
import type { readActivities } from '@/lib/runs/read/read-activities'
import { resolveCopy } from '@/lib/runs/resolve/resolve-copy'
import { refreshedStore } from '@/lib/runs/activity/resume-activity'
import type { RunStatus } from '@/lib/runs/schemas'

/** What was deleted or moved since, so that a retry would be refused; null where nothing was, and while the run goes on. */
export type RetryHindrances = { resume: string | null; restart: string | null }

type Asked = {
  factoryId: string
  status: RunStatus
  /** What a new run would run. */
  definition: PipelineDefinition
  activities: Awaited<ReturnType<typeof readActivities>>
}

/** As lib/runs/retry.ts decides when it is asked to. */
export async function readRetryHindrances(db: ReadDb, run: Asked): Promise<RetryHindrances> {
  if (!hasEnded(run.status)) return { resume: null, restart: null }
  return { resume: await resumeHindrance(db, run), restart: await restartHindrance(db, run) }
}

async function resumeHindrance(db: ReadDb, { activities }: Asked): Promise<string | null> {
  const unfinished = activities.filter(({ status }) => status !== 'Succeeded')
  const stores = unfinished.flatMap((activity) =>
    [activity.spec.source.store, activity.spec.sink.store].map((store) => ({ activity, store })),
  )
  if (stores.length === 0) return null
  const ids = [...new Set(stores.map(({ store }) => store.linkedServiceId))]
  const services = await loadLinkedServices(db, ids)
  return firstRefusal(stores, ({ activity, store }) =>
    refreshedStore(activity, store, { services, kept: activity.phase === 'kept' }),
  )
}

async function restartHindrance(db: ReadDb, { factoryId, definition }: Asked): Promise<string | null> {
  const definitions = await loadDefinitions(db, factoryId, definition)
  const ids = { pipelineRunId: crypto.randomUUID(), activityRunId: crypto.randomUUID() }
  return firstRefusal(definition.activities, (activity) => resolveCopy(activity, definitions, ids))
}

function firstRefusal<Item>(items: readonly Item[], attempt: (item: Item) => unknown): string | null {
  for (const item of items) {
    try {
      attempt(item)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return error.message
    }
  }
  return null
}
