import { eq, isNotNull, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { tasks } from '@/drizzle/schema/runs'
import { nodeNonces, nodes, runtimes } from '@/drizzle/schema/runtimes'
import { makeNonceSweeper } from '@/lib/auth/node-nonces'
import { testDatabase } from '@/lib/db/test-database'
import { first } from '@/lib/db/test-fixtures'
import { startPipelineRun } from '@/lib/runs/start'
import { aCopyWorld, PlayedNode } from '@/lib/runs/test-copy'
import { makeSweeper } from '@/server/loops/sweeper'

const database = testDatabase({ commits: true })
/** Both clocks in step; `jumped`: by how much the database's was set. */
const clocks = (now: () => number, jumped = () => 0) => ({
  now,
  databaseNow: () => Promise.resolve(now() + jumped()),
})

test('makeSweeper() gives nodes time to renew after the portal or its database was away', async () => {
  const world = await aCopyWorld(database.db)
  await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })
  const { taskId } = first(await new PlayedNode(world.db, world.nodes[0]).claim())
  await world.db.update(tasks).set({ leaseUntil: new Date(Date.now() - 1_000) })
  const state = async () => first(await world.db.select().from(tasks).where(eq(tasks.id, taskId))).state
  let nowMs = 0
  const sweep = makeSweeper(
    world.db,
    clocks(() => nowMs),
  )
  await sweep()
  expect(await state(), 'the portal has just begun').toBe('leased')
  for (nowMs = 2_000; nowMs <= 16_000; nowMs += 2_000) await sweep()
  expect(await state(), 'the grace is over').toBe('queued')
})

async function aWorldAtWork() {
  const world = await aCopyWorld(database.db)
  await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })
  let nowMs = 0
  let jumpedMs = 0
  const sweep = makeSweeper(
    world.db,
    clocks(
      () => nowMs,
      () => jumpedMs,
    ),
  )
  await sweep()
  for (nowMs = 2_000; nowMs <= 20_000; nowMs += 2_000) await sweep()
  return {
    world,
    sweep,
    pass: (ms: number) => void (nowMs += ms),
    jump: (ms: number) => void (jumpedMs += ms),
    task: async () => first(await world.db.select().from(tasks)),
  }
}

describe('makeSweeper(), when the clock of the database is set by an hour', () => {
  const hourMs = 3_600_000

  test('forward: nodes that live keep what they hold, and the silent lose it once they could have renewed', async () => {
    const { world, sweep, pass, jump, task } = await aWorldAtWork()
    await new PlayedNode(world.db, world.nodes[0]).claim()
    jump(hourMs)
    await world.db.update(tasks).set({ leaseUntil: sql`lease_until - interval '1 hour'` })
    await sweep()
    expect((await task()).state).toBe('leased')
    for (let passed = 0; passed <= 16_000; passed += 2_000) {
      pass(2_000)
      await sweep()
    }
    expect((await task()).state).toBe('queued')
  })

  test('back: what is queued is due now, not in an hour', async () => {
    const { world, sweep, pass, jump } = await aWorldAtWork()
    jump(-hourMs)
    await world.db.update(tasks).set({ runAfter: sql`run_after + interval '1 hour'` })
    pass(2_000)
    await sweep()
    expect(await new PlayedNode(world.db, world.nodes[0]).claim()).toHaveLength(1)
  })

  test('back: a silent node is no longer seen in the future, and its lease ends in its time', async () => {
    const { world, sweep, pass, jump, task } = await aWorldAtWork()
    await new PlayedNode(world.db, world.nodes[0]).claim()
    jump(-hourMs)
    await world.db.update(tasks).set({ leaseUntil: sql`lease_until + interval '1 hour'` })
    await world.db.update(nodes).set({ lastSeenAt: sql`now() + interval '1 hour'` })
    // A turn at the vault's work, which a node took and died.
    await world.db.update(runtimes).set({
      vaultWorkNodeId: first(world.nodes).id,
      vaultWorkUntil: sql`now() + interval '1 hour'`,
    })
    pass(2_000)
    await sweep()
    const left = await world.db.execute<{ lease: number; seen: number }>(sql`
      select extract(epoch from max(lease_until) - clock_timestamp())::float8 as lease,
        (select extract(epoch from max(last_seen_at) - clock_timestamp())::float8 from nodes) as seen from tasks`)
    expect(left.rows[0]?.lease).toBeLessThanOrEqual(60)
    expect(left.rows[0]?.seen).toBeLessThanOrEqual(0)
    expect((await task()).state).toBe('leased')
    pass(2_000)
    await sweep()
    const held = await world.db.select().from(runtimes).where(isNotNull(runtimes.vaultWorkNodeId))
    expect(held).toEqual([])
  })
})

const isKept = async (nonce: string) =>
  (await database.db.$count(nodeNonces, eq(nodeNonces.nonce, nonce))) > 0
const spend = async (nonce: string, ageSeconds = 0) =>
  void (await database.db.insert(nodeNonces).values({
    nodeId: crypto.randomUUID(),
    nonce,
    seenAt: sql`now() - make_interval(secs => ${ageSeconds})`,
  }))

describe('makeNonceSweeper()', () => {
  test('forgets what no signature can be in time with', async () => {
    const startMs = Date.now()
    let nowMs = 0
    const sweep = makeNonceSweeper(database.db, {
      now: () => nowMs,
      databaseNow: () => Promise.resolve(startMs + nowMs),
    })
    await spend('old', 170)
    await spend('new', -170)
    for (nowMs = 0; nowMs <= 210_000; nowMs += 30_000) await sweep()
    expect([await isKept('old'), await isKept('new')]).toEqual([false, true])
  })

  test('keeps all while the clock of the database has just been set', async () => {
    const startMs = Date.now()
    let [nowMs, jumpedMs] = [0, 0]
    const sweep = makeNonceSweeper(database.db, {
      now: () => nowMs,
      databaseNow: () => Promise.resolve(startMs + nowMs + jumpedMs),
    })
    for (nowMs = 0; nowMs <= 300_000; nowMs += 30_000) await sweep()
    await spend('before', -300)
    jumpedMs = 3_600_000
    const until = nowMs + 150_000
    for (; nowMs <= until; nowMs += 30_000) {
      await sweep()
      expect(await isKept('before'), `${nowMs} ms`).toBe(true)
    }
    for (let more = 0; more < 3; more += 1, nowMs += 30_000) await sweep()
    expect(await isKept('before')).toBe(false)
  })
})
