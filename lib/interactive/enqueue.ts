import { and, count, eq, inArray } from 'drizzle-orm'
import { tasks } from '@/drizzle/schema/runs'
import type { Tx } from '@/lib/db/client'
import { rateLimited } from '@/lib/errors'
import { isInteractive } from '@/lib/interactive/is-interactive'
import type { LinkedServiceRow } from '@/lib/linked-services/scope'
import type { Actor } from '@/lib/permissions'
import type { StoreRef } from '@/lib/protocol/stores'
import type { TaskSpec } from '@/lib/protocol/task'
import { enqueueTasks } from '@/lib/tasks/enqueue'

/** More requests than anybody waits for at once: somebody's script runs wild. */
const maxPendingPerUser = 100
/** A person waits for it: before every copy. */
const priority = -10

export type InteractiveRequest = { spec: TaskSpec; onlyNodeId?: string }

/** Puts requests that a person waits for into the queue of the store's runtime. */
export async function enqueueInteractive(
  tx: Tx,
  asked: { actor: Actor; store: LinkedServiceRow },
  requests: readonly InteractiveRequest[],
): Promise<string[]> {
  const { actor, store } = asked
  const requestedBy = actor.kind === 'user' ? actor.userId : null
  if (requestedBy) await refuseFlood(tx, requestedBy)
  const requiredCredentials =
    store.credentialVersion > 0 ? [{ linkedServiceId: store.id, version: store.credentialVersion }] : []
  return await enqueueTasks(
    tx,
    requests.map((request) => ({
      ...request,
      runtimeId: store.runtimeId,
      interactive: true,
      priority,
      maxAttempts: 1,
      requiredCredentials,
      ...(requestedBy ? { requestedBy } : {}),
    })),
  )
}

/** The store as a task names it. */
export function storeRefOf(store: LinkedServiceRow): StoreRef {
  return {
    linkedServiceId: store.id,
    linkedServiceName: store.name,
    runtimeId: store.runtimeId,
    address: store.address,
    credentialVersion: store.credentialVersion,
  }
}

async function refuseFlood(tx: Tx, userId: string): Promise<void> {
  const [pending] = await tx
    .select({ count: count() })
    .from(tasks)
    .where(and(eq(tasks.requestedBy, userId), isInteractive, inArray(tasks.state, ['queued', 'leased'])))
  if ((pending?.count ?? 0) >= maxPendingPerUser)
    throw rateLimited(`${maxPendingPerUser} of your requests still wait for nodes. Wait for some of them`)
}
