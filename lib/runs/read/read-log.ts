import { and, desc, eq, inArray } from 'drizzle-orm'
import { activityRuns, runLogs } from '@/drizzle/schema/runs'
import type { ReadDb } from '@/lib/db/client'
import { type LogLevel, logLevels } from '@/lib/runs/schemas'

export type RunLogLine = {
  id: number
  at: string
  level: LogLevel
  activity: string
  nodeName: string | null
  message: string
}

/** The last lines of a run's log at this level or graver, oldest first. */
export async function readLog(
  db: ReadDb,
  pipelineRunId: string,
  { level, limit }: { level: LogLevel; limit: number },
): Promise<RunLogLine[]> {
  const rows = await db
    .select({
      id: runLogs.id,
      at: runLogs.at,
      level: runLogs.level,
      activity: activityRuns.name,
      nodeName: runLogs.nodeName,
      message: runLogs.message,
    })
    .from(runLogs)
    .innerJoin(activityRuns, eq(activityRuns.id, runLogs.activityRunId))
    .where(
      and(
        eq(activityRuns.pipelineRunId, pipelineRunId),
        inArray(runLogs.level, logLevels.slice(logLevels.indexOf(level))),
      ),
    )
    .orderBy(desc(runLogs.id))
    .limit(limit)
  return rows.toReversed().map((row) => ({ ...row, at: row.at.toISOString() }))
}
