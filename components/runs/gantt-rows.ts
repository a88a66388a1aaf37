import type { RunActivity } from '@/lib/runs/read/activity-detail'
import type { RunAttempt, RunPart } from '@/lib/runs/read/read-parts'
import type { RunDetail } from '@/lib/runs/read/run-detail'

export type GanttBar = {
  key: string
  fromMs: number
  toMs: number
  nodeId: string | null
  nodeName: string
  /** Still running: it grows. */
  open: boolean
  /** It did not do the job: its node was lost, or it failed. */
  broken: boolean
  /** It was stopped before its end. */
  cut: boolean
  /** Said on hover: what, where, how long, how it ended. */
  says: string
}
export type GanttRow = { key: string; label: string; level: 'activity' | 'step'; bars: GanttBar[] }
export type Gantt = { fromMs: number; toMs: number; rows: GanttRow[] }

const stepNames: Record<string, string> = {
  prepareCopy: 'Prepare',
  publishCopy: 'Publish',
  cleanUpCopy: 'Clean up',
}
const outcomeWords: Record<string, string> = {
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  released: 'handed back',
  fenced: 'lease lost',
  lost: 'node lost',
}
const brokenOutcomes: readonly (string | null)[] = ['failed', 'fenced', 'lost']

/** As much of a run as its timeline shows. */
export type TimelineRun = Pick<RunDetail, 'queuedAt' | 'startedAt' | 'endedAt' | 'attempts'> & {
  activities: readonly Pick<RunActivity, 'id' | 'name' | 'status' | 'startedAt' | 'endedAt'>[]
  shown: { activityId: string | null; parts: readonly Pick<RunPart, 'index' | 'label'>[] }
}

/** One row per step of the shown activity, and one row for each other activity; bars are hand-overs to nodes. */
export function ganttOf(run: TimelineRun, nowMs: number): Gantt {
  const toMs = Math.max(
    run.endedAt ? Date.parse(run.endedAt) : nowMs,
    ...run.attempts.map((one) => endOf(one, nowMs)),
  )
  const fromMs = Math.min(
    Date.parse(run.startedAt ?? run.queuedAt),
    ...run.attempts.map(({ from }) => Date.parse(from)),
  )
  const rows = run.activities.flatMap((activity) => {
    const attempts = run.attempts.filter(({ activityRunId }) => activityRunId === activity.id)
    const bars = attempts.map((attempt) => barOf(attempt, nowMs))
    const isShown = activity.id === run.shown.activityId
    const own: GanttRow = {
      key: activity.id,
      label: activity.name,
      level: 'activity',
      bars: isShown ? [] : spanOf(activity, bars, nowMs),
    }
    return isShown ? [...(run.activities.length > 1 ? [own] : []), ...stepRows(run, attempts, nowMs)] : [own]
  })
  return { fromMs, toMs: Math.max(toMs, fromMs + 1), rows }
}

function stepRows(run: TimelineRun, attempts: readonly RunAttempt[], nowMs: number): GanttRow[] {
  const bars = (which: (attempt: RunAttempt) => boolean) =>
    attempts.filter(which).map((attempt) => barOf(attempt, nowMs))
  const step = (kind: string): GanttRow[] => {
    const found = bars((attempt) => attempt.kind === kind)
    return found.length > 0 ? [{ key: kind, label: stepNames[kind] ?? kind, level: 'step', bars: found }] : []
  }
  const labels = distinctEnds(run.shown.parts.map(({ label }) => label))
  const parts = run.shown.parts.map((part, at): GanttRow => ({
    key: `part-${part.index}`,
    label: labels[at] ?? part.label,
    level: 'step',
    bars: bars(({ kind, partIndex }) => kind === 'copyPart' && partIndex === part.index),
  }))
  return [...step('prepareCopy'), ...parts, ...step('publishCopy'), ...step('cleanUpCopy')]
}

/** `blocks 0–9` of `public.orders, blocks 0–9` where every part is of that table: a narrow label is cut at its end. */
function distinctEnds(labels: readonly string[]): readonly string[] {
  const table = labels[0]?.split(', ')[0] ?? ''
  const start = `${table}, `
  return labels.length > 1 && labels.every((label) => label.startsWith(start) && label.length > start.length)
    ? labels.map((label) => label.slice(start.length))
    : labels
}

/** An activity whose parts are not shown is one bar from its start to its end. */
function spanOf(activity: TimelineRun['activities'][number], bars: GanttBar[], nowMs: number): GanttBar[] {
  if (!activity.startedAt) return bars
  const toMs = activity.endedAt ? Date.parse(activity.endedAt) : nowMs
  const fromMs = Date.parse(activity.startedAt)
  const span: GanttBar = {
    key: activity.id,
    fromMs,
    toMs,
    nodeId: null,
    nodeName: '',
    open: activity.endedAt === null,
    broken: activity.status === 'Failed',
    cut: activity.status === 'Cancelled',
    says: `${activity.name}: ${seconds(toMs - fromMs)}`,
  }
  return [span]
}

function barOf(attempt: RunAttempt, nowMs: number): GanttBar {
  const fromMs = Date.parse(attempt.from)
  const toMs = endOf(attempt, nowMs)
  const what = stepNames[attempt.kind] ?? `part ${attempt.partIndex ?? ''}`
  const how = attempt.outcome === null ? 'running' : (outcomeWords[attempt.outcome] ?? attempt.outcome)
  const why = attempt.message ? `: ${attempt.message}` : ''
  return {
    key: `${attempt.taskId}-${attempt.epoch}`,
    fromMs,
    toMs,
    nodeId: attempt.nodeId,
    nodeName: attempt.nodeName,
    open: attempt.to === null,
    broken: brokenOutcomes.includes(attempt.outcome),
    cut: attempt.outcome === 'cancelled' || attempt.outcome === 'released',
    says: `${what} on ${attempt.nodeName}, attempt ${attempt.attempt}: ${how} after ${seconds(toMs - fromMs)}${why}`,
  }
}

function endOf({ from, to }: RunAttempt, nowMs: number): number {
  return Math.max(to === null ? nowMs : Date.parse(to), Date.parse(from))
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** Round moments of the axis, as milliseconds since its start: three to six of them. */
export function ganttTicks(lengthMs: number): number[] {
  const steps = [
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400,
  ]
  const stepMs = (steps.find((step) => lengthMs / (step * 1000) <= 6) ?? 604_800) * 1000
  return Array.from({ length: Math.floor(lengthMs / stepMs) + 1 }, (_, index) => index * stepMs)
}
