import { inArray } from 'drizzle-orm'
import { runtimes } from '@/drizzle/schema/runtimes'
import type { ReadDb } from '@/lib/db/client'
import { selectNodes } from '@/lib/nodes/read'
import type { NodeState } from '@/lib/nodes/schemas'

/** How many nodes stand how. `limited` has all that is neither online nor offline. */
export type NodeHealth = { online: number; limited: number; offline: number }
export const noNodes: NodeHealth = { online: 0, limited: 0, offline: 0 }

export type RuntimeHealth = { runtimeId: string; factoryId: string; health: NodeHealth }

/** The health of the runtimes of these factories that have nodes. The caller has authorised. */
export async function selectRuntimeHealth(db: ReadDb, factoryIds: string[]): Promise<RuntimeHealth[]> {
  if (factoryIds.length === 0) return []
  const byRuntime = new Map<string, RuntimeHealth>()
  for (const { runtimeId, factoryId, status } of await selectNodes(
    db,
    inArray(runtimes.factoryId, factoryIds),
  )) {
    const entry = byRuntime.get(runtimeId) ?? { runtimeId, factoryId, health: { ...noNodes } }
    entry.health[standingOf(status.state)] += 1
    byRuntime.set(runtimeId, entry)
  }
  return [...byRuntime.values()]
}

export function addHealth(all: NodeHealth[]): NodeHealth {
  const sum = { ...noNodes }
  for (const { online, limited, offline } of all) {
    sum.online += online
    sum.limited += limited
    sum.offline += offline
  }
  return sum
}

function standingOf(state: NodeState): keyof NodeHealth {
  if (state === 'Online') return 'online'
  return state === 'Offline' ? 'offline' : 'limited'
}
