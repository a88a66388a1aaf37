import { sql } from 'drizzle-orm'
import type { Db } from '@/lib/db/client'
import type { Wake } from '@/lib/tasks/wake'

type Watch = {
  db: Db
  everyMs: number
  /** Runtimes whose nodes wait here. */
  runtimeIds: () => string[]
  wake: (wakes: Wake[]) => void
  onError: (error: unknown) => void
}
export type QueueWatch = {
  /** Looks at once, or once more where a look is under way. */
  lookNow: () => void
  stop: () => void
}

/** Tasks that no node here could take are offered again after so many looks, in case a reason went away unheard. */
const offerAgainEvery = 5
/** Looks no further into a backlog. */
const depth = 100

/**
 * The safety net under the wake-ups: tasks that another process queued, that a delay kept back, or whose wake-up was lost.
 * One indexed query for the whole process, however many polls it holds.
 */
export function watchQueue({ db, everyMs, runtimeIds, wake, onError }: Watch): QueueWatch {
  let seen = new Map<string, QueueState>()
  let round = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined

  const look = async () => {
    round += 1
    try {
      const ids = runtimeIds()
      const states = ids.length > 0 ? await readQueues(db, ids) : []
      const isTurn = round % offerAgainEvery === 0
      const wakes = states.flatMap((state) => whatChanged(seen.get(state.id), state, isTurn))
      seen = new Map(states.map((state) => [state.id, state]))
      wake(wakes)
    } catch (error) {
      onError(error)
    }
  }
  const lookAndGoOn = () => {
    clearTimeout(timer)
    looking ??= look().finally(() => {
      looking = undefined
      if (!stopped) timer = setTimeout(lookAndGoOn, everyMs)
    })
  }
  timer = setTimeout(lookAndGoOn, everyMs)
  return {
    lookNow() {
      if (looking) void looking.then(() => !stopped && lookAndGoOn())
      else lookAndGoOn()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

type QueueState = {
  id: string
  vault: string
  /** Changes when tasks come or go. */
  queue: string
  queued: number
}

function whatChanged(before: QueueState | undefined, now: QueueState, isTurn: boolean): Wake[] {
  const { id: runtimeId, vault, queue, queued } = now
  if (before !== undefined && before.vault !== vault) return [{ runtimeId, for: 'all' }]
  const hasNewTasks = queued > 0 && (isTurn || before?.queue !== queue)
  return hasNewTasks ? [{ runtimeId, for: 'tasks' }] : []
}

async function readQueues(db: Db, runtimeIds: string[]): Promise<QueueState[]> {
  const { rows } = await db.execute<QueueState>(sql`
    select r.id, r.vault_version::text as vault, concat_ws('/', q.queued, q.newest) as queue, q.queued
    from runtimes r
    cross join lateral (
      select count(*)::int as queued, max(run_after) as newest from (
        select run_after from tasks
        where runtime_id = r.id and state = 'queued' and run_after <= now()
        order by priority, run_after limit ${depth}) due) q
    where r.id in (select jsonb_array_elements_text(${JSON.stringify(runtimeIds)}::jsonb)::uuid)`)
  return rows
}
