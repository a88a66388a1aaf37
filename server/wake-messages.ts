import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '@/lib/db/client'
import { Id } from '@/lib/protocol/scalars'
import type { Wake } from '@/lib/tasks/wake'

/** What portal processes tell each other by NOTIFY. A probe is for its sender itself, to know that it still hears. */
const WakeMessage = z.object({
  from: Id,
  probe: z.number().optional(),
  wakes: z.array(
    z.discriminatedUnion('for', [
      z.object({ runtimeId: Id, for: z.literal('tasks') }),
      z.object({ runtimeId: Id, for: z.literal('nodes'), nodeIds: z.array(Id) }),
      z.object({ runtimeId: Id, for: z.literal('all') }),
    ]),
  ),
})
export type WakeMessage = z.infer<typeof WakeMessage>

export const wakeChannel = 'sallyport_wake'
/** PostgreSQL takes less than 8000 bytes. */
const largestBytes = 7900
/** Naming more of them than this says less than "all". */
const namedAtMost = 100

/** Null for what no portal of this version has sent. */
export function readWakeMessage(payload: string): WakeMessage | null {
  try {
    return WakeMessage.parse(JSON.parse(payload))
  } catch {
    return null
  }
}

/** A statement of its own, never within a writer's transaction: commits with NOTIFY wait for each other. */
export async function sendWakeMessages(db: Db, messages: readonly WakeMessage[]): Promise<void> {
  const payloads = JSON.stringify(messages.map((message) => JSON.stringify(message)))
  await db.execute(sql`
    select pg_notify(${wakeChannel}, payload) from jsonb_array_elements_text(${payloads}::jsonb) as payload`)
}

/** As few messages as say the same. */
export function packWakes(from: string, wakes: readonly Wake[]): WakeMessage[] {
  const messages: WakeMessage[] = []
  let leftBytes = 0
  for (const wake of condense(wakes)) {
    const bytes = JSON.stringify(wake).length + 1
    const last = messages.at(-1)
    if (last && bytes <= leftBytes) {
      last.wakes.push(wake)
      leftBytes -= bytes
    } else {
      const message = { from, wakes: [wake] }
      messages.push(message)
      leftBytes = largestBytes - JSON.stringify(message).length
    }
  }
  return messages
}

function condense(wakes: readonly Wake[]): WakeMessage['wakes'] {
  const byRuntime = Map.groupBy(wakes, ({ runtimeId }) => runtimeId)
  return [...byRuntime].flatMap(([runtimeId, all]) => condenseRuntime(runtimeId, all))
}

function condenseRuntime(runtimeId: string, wakes: readonly Wake[]): WakeMessage['wakes'] {
  const nodeIds = new Set(wakes.flatMap((wake) => (wake.for === 'nodes' ? wake.nodeIds : [])))
  if (nodeIds.size > namedAtMost) return [{ runtimeId, for: 'all' }]
  const condensed: WakeMessage['wakes'] = []
  // Named nodes hear at once what a whole fleet hears one after another.
  if (nodeIds.size > 0) condensed.push({ runtimeId, for: 'nodes', nodeIds: [...nodeIds] })
  if (wakes.some((wake) => wake.for === 'all')) condensed.push({ runtimeId, for: 'all' })
  else if (wakes.some((wake) => wake.for === 'tasks')) condensed.push({ runtimeId, for: 'tasks' })
  return condensed
}
