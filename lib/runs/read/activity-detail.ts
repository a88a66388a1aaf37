import type { CopyProgress, CopyReceipt, VerificationLevel } from '@/lib/protocol/copy-plan'
import type { Failure } from '@/lib/protocol/failure'
import { remedyByCode } from '@/lib/protocol/remedies'
import { wouldAppendTwice } from '@/lib/runs/activity/begin-anew'
import { describeSink, describeSource } from '@/lib/runs/resolve/describe-copy'
import { keptUntil } from '@/lib/runs/kept'
import { ratesOverTime, type Sample, shareDone, slidingRate, timeLeftMs } from '@/lib/runs/read/progress'
import type { ActivityPlan, PartTotals, readActivities } from '@/lib/runs/read/read-activities'
import type { SilentNode } from '@/lib/runs/read/read-silent'
import type { Waiting } from '@/lib/runs/read/read-waiting'
import type { ActivityPhase, RunStatus } from '@/lib/runs/schemas'

type ActivityRow = Awaited<ReturnType<typeof readActivities>>[number]

export type CopyProgressNow = {
  rows: string
  bytes: string
  totalRows: string | null
  totalBytes: string | null
  /** From 0 to 1; null while the whole is not known. */
  share: number | null
  rowsPerSecond: number | null
  bytesPerSecond: number | null
  timeLeftMs: number | null
  /** What the one task of this phase is busy with, outside of copying. */
  step: CopyProgress['phase'] | null
}
export type RunActivity = {
  id: string
  name: string
  status: RunStatus
  phase: ActivityPhase
  source: { what: string; linkedService: string }
  sink: { what: string; linkedService: string }
  verification: VerificationLevel
  startedAt: string | null
  endedAt: string | null
  cancelRequestedAt: string | null
  progress: CopyProgressNow
  parts: Pick<PartTotals, 'total' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'>
  guarantee: { promise: ActivityPlan['guarantee']; reason: string } | null
  warnings: string[]
  failure: (Failure & { remedy: string }) | null
  receipt: CopyReceipt | null
  /** How many files the receipt has; it shows the first of them. */
  fileCount: number
  keptUntil: string | null
  /** Finished parts are in the target already, whatever becomes of the run: an append without staging. */
  appendsDirectly: boolean
  /** How many such rows the clean-up found; null before it, and where it could not tell. */
  rowsLeft: string | null
  /** Why a resume of the run would be refused because of this activity, once the run has ended; null where it would not. */
  resumeRefusal: ResumeRefusal | null
  /** Why it stands still; null while something of it runs. */
  waiting: Waiting | null
  /** Nodes that hold something of it and are not heard. */
  silent: SilentNode[]
  rates: { atMs: number; rowsPerSecond: number; bytesPerSecond: number }[]
}

/** `cleaning`: what it had copied is being removed. `appended`: it would append rows again. */
export type ResumeRefusal = 'cleaning' | 'appended'

const noParts: PartTotals = {
  total: 0,
  queued: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  rows: '0',
  bytes: '0',
  totalRows: null,
  totalBytes: null,
}

/** What the other tables say of an activity. */
export type SeenOfActivity = {
  totals: PartTotals | undefined
  samples: readonly Sample[]
  step: CopyProgress | undefined
  waiting: Waiting | undefined
  silent: SilentNode[] | undefined
}

/** A copy activity as its page shows it. */
export function activityDetail(row: ActivityRow, seen: SeenOfActivity, nowMs: number): RunActivity {
  const { spec, plan, failure, receipt } = row
  const totals = seen.totals ?? noParts
  const { rows: _rows, bytes: _bytes, totalRows: _totalRows, totalBytes: _totalBytes, ...parts } = totals
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    phase: row.phase,
    source: { what: describeSource(spec.source), linkedService: spec.source.store.linkedServiceName },
    sink: { what: describeSink(spec.sink), linkedService: spec.sink.store.linkedServiceName },
    verification: spec.options.verification,
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    cancelRequestedAt: row.cancelRequestedAt?.toISOString() ?? null,
    progress: progressNow(row, { ...seen, totals }, nowMs),
    parts,
    guarantee: plan && { promise: plan.guarantee, reason: plan.guaranteeReason },
    warnings: plan?.warnings ?? [],
    failure: failure && { ...failure, remedy: remedyByCode[failure.code] },
    receipt,
    fileCount: row.fileCount,
    keptUntil: row.phase === 'kept' && row.endedAt ? keptUntil(row.endedAt).toISOString() : null,
    appendsDirectly: plan?.writesThrough === true,
    rowsLeft: row.rowsLeft,
    resumeRefusal: resumeRefusal(row),
    waiting: seen.waiting ?? null,
    silent: seen.silent ?? [],
    rates: row.startedAt
      ? ratesOverTime(seen.samples, row.startedAt.getTime()).map(({ atMs, rates }) => ({ atMs, ...rates }))
      : [],
  }
}

/** As lib/runs/resume-activity.ts decides; what became of the stores is read in lib/runs/read-hindrances.ts. */
function resumeRefusal({ phase, status, plan, hadParts, rowsLeft }: ActivityRow): ResumeRefusal | null {
  if (phase === 'cleaning') return 'cleaning'
  if (phase !== 'ended' || status === 'Succeeded') return null
  const appendsDirectly = plan?.writesThrough === true
  return wouldAppendTwice({ appendsDirectly, hadParts, rowsLeft }) ? 'appended' : null
}

function progressNow(
  row: ActivityRow,
  {
    totals,
    samples,
    step,
  }: { totals: PartTotals; samples: readonly Sample[]; step: CopyProgress | undefined },
  nowMs: number,
): CopyProgressNow {
  if (row.receipt) return finished(row.receipt)
  if (step && row.phase !== 'copying') return ofStep(step)
  const rates = row.phase === 'copying' && row.endedAt === null ? slidingRate(samples, nowMs) : null
  const { rows, bytes, totalRows, totalBytes } = totals
  // Rows where there are any: files that are copied as they are have only bytes.
  const byRows = totalRows !== null && Number(totalRows) > 0
  const total = byRows ? Number(totalRows) : totalBytes === null ? null : Number(totalBytes)
  const done = Number(byRows ? rows : bytes)
  return {
    rows,
    bytes,
    totalRows,
    totalBytes,
    share: shareDone(done, total),
    rowsPerSecond: rates?.rowsPerSecond ?? null,
    bytesPerSecond: rates?.bytesPerSecond ?? null,
    timeLeftMs: rates && timeLeftMs(done, total, byRows ? rates.rowsPerSecond : rates.bytesPerSecond),
    step: null,
  }
}

function finished({ rowsWritten, bytesWritten }: CopyReceipt): CopyProgressNow {
  return {
    rows: rowsWritten,
    bytes: bytesWritten,
    totalRows: rowsWritten,
    totalBytes: bytesWritten,
    share: 1,
    rowsPerSecond: null,
    bytesPerSecond: null,
    timeLeftMs: null,
    step: null,
  }
}

/** Preparing, publishing and cleaning up are one task each, with counters of its own. */
function ofStep({ phase, rows, bytes, totalRows, totalBytes }: CopyProgress): CopyProgressNow {
  const byRows = totalRows !== undefined && Number(totalRows) > 0
  return {
    rows,
    bytes,
    totalRows: totalRows ?? null,
    totalBytes: totalBytes ?? null,
    share: byRows
      ? shareDone(Number(rows), Number(totalRows))
      : shareDone(Number(bytes), totalBytes === undefined ? null : Number(totalBytes)),
    rowsPerSecond: null,
    bytesPerSecond: null,
    timeLeftMs: null,
    step: phase,
  }
}
