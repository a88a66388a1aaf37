import { and, eq, inArray } from 'drizzle-orm'
import { activityRuns, runLogs, runSamples, tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import { clock } from '@/lib/db/clock'
import { conflict } from '@/lib/errors'
import { changedAddressParts } from '@/lib/linked-services/address'
import type { CopySpec } from '@/lib/protocol/copy-plan'
import type { StoreRef } from '@/lib/protocol/stores'
import { requireNothingAppended } from '@/lib/runs/activity/begin-anew'
import { requiredCredentials } from '@/lib/runs/activity/enqueue-copy'
import type { ActivityRow } from '@/lib/runs/activity/load-activity'
import { loadLinkedServices } from '@/lib/runs/resolve/load-definitions'
import { cannot, type LoadedLinkedService, storeRef } from '@/lib/runs/resolve/resolve-end'

/**
 * Makes an ended activity ready to go on under its own id: from what its finished parts wrote where that was kept, and
 * otherwise from the beginning. Credentials are taken as they are now.
 */
export async function resumeActivity(tx: Tx, activity: ActivityRow): Promise<void> {
  if (activity.phase === 'cleaning')
    throw conflict(
      `Cannot resume "${activity.name}": what it had copied is being removed. Wait until that is done, then retry`,
    )
  const kept = activity.phase === 'kept'
  if (!kept) await requireNothingAppended(tx, activity)
  const spec = await refreshedSpec(tx, activity, kept)
  if (kept) await requeueUnfinishedParts(tx, activity, spec)
  else await forgetTasks(tx, activity)
  await tx
    .update(activityRuns)
    .set({
      spec,
      status: 'Queued',
      phase: kept ? 'copying' : 'waiting',
      failure: null,
      cancelRequestedAt: null,
      endedAt: null,
      ...(kept ? {} : { plan: null, startedAt: null }),
    })
    .where(eq(activityRuns.id, activity.id))
  await tx.insert(runLogs).values({
    activityRunId: activity.id,
    at: clock,
    level: 'info',
    message: kept ? 'Resumed: finished parts stay as they are' : 'Resumed from the beginning',
  })
}

/** Parts of a kept copy must find their store where it was; for a copy from the beginning any place will do. */
async function refreshedSpec(tx: Tx, activity: ActivityRow, kept: boolean): Promise<CopySpec> {
  const { spec } = activity
  const ids = [spec.source.store.linkedServiceId, spec.sink.store.linkedServiceId]
  const services = await loadLinkedServices(tx, ids)
  const refresh = (store: StoreRef) => refreshedStore(activity, store, { services, kept })
  return {
    ...spec,
    source: { ...spec.source, store: refresh(spec.source.store) },
    sink: { ...spec.sink, store: refresh(spec.sink.store) },
  }
}

/** Parts of an address that may change without another store being meant. */
const samePlace: readonly string[] = ['user name', 'SSL mode', 'kind of authentication']

/** The store as it is now; refuses one that was deleted or moved since. */
export function refreshedStore(
  activity: Pick<ActivityRow, 'name' | 'runtimeId'>,
  store: StoreRef,
  { services, kept }: { services: readonly LoadedLinkedService[]; kept: boolean },
): StoreRef {
  const service = services.find(({ id }) => id === store.linkedServiceId)
  if (!service)
    throw cannot(
      activity.name,
      `the linked service "${store.linkedServiceName}" was deleted. Start a new run instead`,
    )
  if (service.runtimeId !== activity.runtimeId)
    throw cannot(
      activity.name,
      `the linked service "${service.name}" now connects via another integration runtime. Start a new run instead`,
    )
  const moved = changedAddressParts(store.address, service.address).filter(
    (part) => !samePlace.includes(part),
  )
  if (kept && moved.length > 0)
    throw cannot(
      activity.name,
      `the linked service "${service.name}" now points elsewhere (changed: ${moved.join(', ')}), and the finished parts are at the old place. Start a new run instead`,
    )
  return storeRef(service)
}

/** The same rows under the same plan: their epochs go on growing, which is what fences the attempts before. */
async function requeueUnfinishedParts(tx: Tx, activity: ActivityRow, spec: CopySpec): Promise<void> {
  await deleteTasks(tx, activity, ['publishCopy', 'cleanUpCopy'])
  const unfinished = await tx
    .select({ id: tasks.id, spec: tasks.spec })
    .from(tasks)
    .where(
      and(
        eq(tasks.activityRunId, activity.id),
        eq(tasks.kind, 'copyPart'),
        inArray(tasks.state, ['failed', 'cancelled']),
      ),
    )
  for (const part of unfinished) {
    if (part.spec.kind !== 'copyPart') continue
    await tx
      .update(tasks)
      .set({
        ...freshTask,
        runAfter: clock,
        spec: { ...part.spec, copy: spec },
        requiredCredentials: requiredCredentials(spec),
      })
      .where(eq(tasks.id, part.id))
  }
}

const freshTask = {
  state: 'queued',
  attempt: 0,
  failedAttempts: 0,
  lostAttempts: 0,
  farthestBytes: 0,
  nodeId: null,
  leaseUntil: null,
  failure: null,
  progress: null,
  cancelRequestedAt: null,
  startedAt: null,
  endedAt: null,
} as const

/** Nothing of them is left at the sink, so nothing of them counts. */
async function forgetTasks(tx: Tx, activity: ActivityRow): Promise<void> {
  await deleteTasks(tx, activity, ['prepareCopy', 'copyPart', 'publishCopy', 'cleanUpCopy'])
  await tx.delete(runSamples).where(eq(runSamples.activityRunId, activity.id))
}

async function deleteTasks(
  tx: Tx,
  activity: ActivityRow,
  kinds: ('prepareCopy' | 'copyPart' | 'publishCopy' | 'cleanUpCopy')[],
): Promise<void> {
  await tx.delete(tasks).where(and(eq(tasks.activityRunId, activity.id), inArray(tasks.kind, kinds)))
}
