import { sql } from 'drizzle-orm'
import type { Db } from '@/lib/db/client'

type Watch = {
  db: Db
  /** Runtimes whose nodes wait here. */
  runtimeIds: () => string[]
  wake: (runtimeIds: string[]) => void
  onError: (error: unknown) => void
}

const everyMs = 1000
/** Tasks that no node here could take are offered again after so many looks, in case a reason went away unheard. */
const offerAgainEvery = 5
/** Looks no further into a backlog. */
const depth = 100

/**
 * The safety net under the wake-ups: tasks that another process queued, that a delay kept back, or whose wake-up was lost.
 * One indexed query a second for the whole process, however many polls it holds.
 */
export function watchQueue({ db, runtimeIds, wake, onError }: Watch): () => void {
  let seen = new Map<string, string>()
  let round = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const look = async () => {
    round += 1
    try {
      const ids = runtimeIds()
      const states = ids.length > 0 ? await readQueues(db, ids) : []
      const changed = states.filter(({ id, mark, queued }) => {
        const before = seen.get(id)
        return (before !== undefined && before !== mark) || (queued > 0 && isTurn(before, mark, round))
      })
      seen = new Map(states.map(({ id, mark }) => [id, mark]))
      if (changed.length > 0) wake(changed.map(({ id }) => id))
    } catch (error) {
      onError(error)
    }
    if (!stopped) timer = setTimeout(() => void look(), everyMs)
  }
  timer = setTimeout(() => void look(), everyMs)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

function isTurn(before: string | undefined, mark: string, round: number): boolean {
  return before !== mark || round % offerAgainEvery === 0
}

type QueueState = {
  id: string
  /** Changes when tasks come or go, or the vault moves. */
  mark: string
  queued: number
}

async function readQueues(db: Db, runtimeIds: string[]): Promise<QueueState[]> {
  const { rows } = await db.execute<QueueState>(sql`
    select r.id, concat_ws('/', r.vault_version, q.queued, q.newest) as mark, q.queued
    from runtimes r
    cross join lateral (
      select count(*)::int as queued, max(run_after) as newest from (
        select run_after from tasks
        where runtime_id = r.id and state = 'queued' and run_after <= now()
        order by priority, run_after limit ${depth}) due) q
    where r.id in (select jsonb_array_elements_text(${JSON.stringify(runtimeIds)}::jsonb)::uuid)`)
  return rows
}
