import { desc, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { activityRuns, runLogs } from '@/drizzle/schema/runs'
import { testDatabase } from '@/lib/db/test-database'
import { first } from '@/lib/db/test-fixtures'
import { startPipelineRun } from '@/lib/runs/start'
import { aCopyWorld } from '@/lib/runs/test-copy'
import { keepLog, mostLogLines } from '@/lib/tasks/report'

const database = testDatabase()

test('keepLog() keeps lines until the log is full, says so in the last one, and keeps no more', async () => {
  const world = await aCopyWorld(database.db)
  await startPipelineRun(world.operator, { pipelineId: world.pipeline.id })
  const { id: activityRunId } = first(await world.db.select().from(activityRuns))
  await world.db.delete(runLogs)
  const say = (...messages: string[]) =>
    keepLog(world.db, { nodeName: 'plant-7' }, [
      {
        activityRunId,
        taskId: crypto.randomUUID(),
        lines: messages.map((message) => ({ at: new Date().toISOString(), level: 'info', message })),
      },
    ])
  const lastTwo = async () => {
    const rows = await world.db.select().from(runLogs).orderBy(desc(runLogs.id)).limit(2)
    return rows.map(({ message }) => message)
  }
  await world.db.execute(sql`insert into run_logs (activity_run_id, at, level, message)
    select ${activityRunId}, now(), 'info', 'before' from generate_series(1, ${mostLogLines - 3}::int)`)
  await say('one')
  expect(await lastTwo()).toEqual(['one', 'before'])
  await say('two', 'three', 'four')
  expect(await lastTwo()).toEqual([expect.stringContaining('This log is full'), 'two'])
  await say('five')
  expect(await world.db.$count(runLogs)).toBe(mostLogLines)
})
