import { setTimeout as sleep } from 'node:timers/promises'
import { and, eq, inArray } from 'drizzle-orm'
import { activityRuns, tasks } from '@/drizzle/schema/runs'
import { nodes } from '@/drizzle/schema/runtimes'
import { withClient } from '../lineitem'
import type { Arena } from './arena'
import { type ChaosCopy, latestRun, makeCopy, startOnce } from './copies'

const limitMs = 120_000

/**
 * A node is stopped in the middle of writing, its successor ends the copy, and then the stopped one wakes up and goes on.
 * Answers how many rows too many (or too few) there are: 0 unless the fence is out.
 */
export async function wakeZombie(arena: Arena, index: number): Promise<number> {
  const copy = await makeCopy(arena, 'append', index)
  await slowDown(arena.storesUrl, copy)
  const runId = await startOnce(arena, copy)
  const owner = await until('a node writes rows', () => writingNode(arena, runId))
  const zombie = arena.nodes.find((node) => node.options.name === owner)
  if (!zombie) throw new Error(`No process of node ${owner}`)
  zombie.pause()
  await until('its successor has ended the copy', async () =>
    (await latestRun(arena.stack.db, copy.pipelineId))?.status === 'Succeeded' ? true : null,
  )
  zombie.resume()
  await until('the woken node has let go of the sink', () => noSessions(arena.storesUrl))
  const { rows } = await copy.count()
  return rows - copy.expected.rows
}

/** A trigger that costs time per row makes "in the middle of writing" long enough to be met. */
async function slowDown(url: string, { name }: ChaosCopy): Promise<void> {
  const table = `public.${name.replaceAll('-', '_')}`
  await withClient(url, async (client) => {
    await client.query(
      `create or replace function public.take_time() returns trigger language plpgsql as
       $$ begin if new.id % 1000 = 0 then perform pg_sleep(0.02); end if; return new; end $$`,
    )
    await client.query(
      `create or replace trigger take_time before insert on ${table} for each row execute function public.take_time()`,
    )
  })
}

async function writingNode({ stack }: Arena, runId: string): Promise<string | null> {
  const [writing] = await stack.db
    .select({ name: nodes.name, progress: tasks.progress })
    .from(tasks)
    .innerJoin(activityRuns, eq(activityRuns.id, tasks.activityRunId))
    .innerJoin(nodes, eq(nodes.id, tasks.nodeId))
    .where(
      and(
        eq(activityRuns.pipelineRunId, runId),
        eq(tasks.kind, 'copyPart'),
        inArray(tasks.state, ['leased', 'committing']),
      ),
    )
  return writing?.progress && writing.progress.rows !== '0' ? writing.name : null
}

async function noSessions(url: string): Promise<true | null> {
  return withClient(url, async (client) => {
    const { rows } = await client.query(
      `select count(*)::integer as sessions from pg_stat_activity where application_name like 'sallyport %/%'`,
    )
    return rows[0]?.sessions === 0 ? true : null
  })
}

async function until<Found>(what: string, look: () => Promise<Found | null>): Promise<Found> {
  const deadline = Date.now() + limitMs
  while (Date.now() < deadline) {
    const found = await look()
    if (found !== null) return found
    await sleep(50)
  }
  throw new Error(`Waited two minutes in vain until ${what}`)
}
