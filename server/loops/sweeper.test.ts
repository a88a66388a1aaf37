import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { tasks } from '@/drizzle/schema/runs'
import { testDatabase } from '@/lib/db/test-database'
import { first } from '@/lib/db/test-fixtures'
import { startPipelineRun } from '@/lib/runs/start'
import { aCopyWorld, PlayedNode } from '@/lib/runs/test-copy'
import { makeSweeper } from '@/server/loops/sweeper'

const database = testDatabase({ commits: true })

test('makeSweeper() gives nodes time to renew after the portal or its database was away', async () => {
  const world = await aCopyWorld(database.db)
  await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })
  const { taskId } = first(await new PlayedNode(world.db, world.nodes[0]).claim())
  await world.db.update(tasks).set({ leaseUntil: new Date(Date.now() - 1_000) })
  const state = async () => first(await world.db.select().from(tasks).where(eq(tasks.id, taskId))).state
  let nowMs = 0
  const sweep = makeSweeper(world.db, () => nowMs)
  await sweep()
  expect(await state(), 'the portal has just begun').toBe('leased')
  for (nowMs = 2_000; nowMs <= 16_000; nowMs += 2_000) await sweep()
  expect(await state(), 'the grace is over').toBe('queued')
})
