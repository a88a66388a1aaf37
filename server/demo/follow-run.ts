import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration } from '@/lib/format'
import type { CopyReceipt } from '@/lib/protocol/copy-plan'
import { startPipelineRun } from '@/lib/runs/start'
import { getRun } from '@/lib/runs/queries'
import type { RunDetail } from '@/lib/runs/read/run-detail'
import { RunView } from '@/lib/runs/schemas'
import { barLine, type LiveLine } from '@/server/demo/progress-bar'
import type { Stack } from '@/server/stack/stack'

export type RunResult = {
  label: string
  runId: string
  seconds: number
  /** Null where the run failed. */
  receipt: CopyReceipt | null
  nodes: string[]
  problem: string | null
}

const lookEveryMs = 250

/** Starts a pipeline and shows its progress until it has ended. */
export async function followRun(
  stack: Stack,
  pipeline: { id: string; label: string },
  live: LiveLine,
): Promise<RunResult> {
  const { label } = pipeline
  const { pipelineRunId } = await startPipelineRun(stack.ctx, { pipelineId: pipeline.id })
  for (;;) {
    const run = await getRun(stack.ctx, pipelineRunId, RunView.parse({}))
    if (run.endedAt !== null) {
      const result = toResult(label, run)
      live.keep(endLine(result))
      return result
    }
    live.show(progressLine(label, run))
    await sleep(lookEveryMs)
  }
}

function progressLine(label: string, { activities }: RunDetail): string {
  const [activity] = activities
  if (!activity) return label
  const { progress, phase, parts } = activity
  const { share, rows, bytes, rowsPerSecond, bytesPerSecond, timeLeftMs, step } = progress
  const note = phase === 'copying' ? `${parts.running} of ${parts.total} parts running` : (step ?? phase)
  return barLine({ label, share, rows, bytes, rowsPerSecond, bytesPerSecond, timeLeftMs, note })
}

function toResult(label: string, run: RunDetail): RunResult {
  const [activity] = run.activities
  const started = Date.parse(run.startedAt ?? run.queuedAt)
  const names = new Set(run.attempts.map(({ nodeName }) => nodeName))
  const problem = activity?.failure ? `${activity.failure.message} ${activity.failure.remedy}` : null
  return {
    label,
    runId: run.id,
    seconds: (Date.parse(run.endedAt ?? run.at) - started) / 1000,
    receipt: activity?.receipt ?? null,
    nodes: [...names].toSorted(),
    problem: run.status === 'Succeeded' ? null : (problem ?? `The run ended as ${run.status}`),
  }
}

function endLine({ label, seconds, receipt, problem }: RunResult): string {
  if (problem !== null || !receipt)
    return `${label.padEnd(28)} FAILED after ${formatDuration(seconds * 1000)}: ${problem ?? 'no receipt'}`
  return barLine({
    label,
    share: 1,
    rows: receipt.rowsWritten,
    bytes: receipt.bytesWritten,
    rowsPerSecond: Number(receipt.rowsWritten) / seconds,
    bytesPerSecond: Number(receipt.bytesRead) / seconds,
    timeLeftMs: null,
    note: `in ${formatDuration(seconds * 1000)}`,
  })
}
