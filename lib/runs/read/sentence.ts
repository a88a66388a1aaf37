import { formatDuration, formatQuantity } from '@/lib/format'
import type { CopyReceipt } from '@/lib/protocol/copy-plan'
import type { ActivityPhase, RunStatus } from '@/lib/runs/schemas'

/** Words of a sentence; names of stores and activities are set apart from it. */
export type Phrase = { text: string; name?: boolean }
type ToldReceipt = Pick<CopyReceipt, 'rowsWritten' | 'guarantee' | 'verification' | 'canonicalForm'>
export type ToldActivity = {
  name: string
  status: RunStatus
  phase: ActivityPhase
  source: string
  sink: string
  receipt: ToldReceipt | null
}
export type ToldRun = {
  status: RunStatus
  startedAt: Date | null
  endedAt: Date | null
  activities: ToldActivity[]
}

/** A run told in one sentence: "Copied 3,000,000 rows from flights to lake/flights/ in 21 s, exactly once, verified." */
export function tellRun(run: ToldRun): Phrase[] {
  switch (run.status) {
    case 'Queued':
      return [plain('Waiting for a node to copy '), ...fromTo(run), plain('.')]
    case 'InProgress':
      return tellRunning(run)
    case 'Canceling':
      return [
        plain('Stopping the copy of '),
        ...fromTo(run),
        plain(': nodes are told, and finish what cannot be cut short.'),
      ]
    case 'Succeeded':
      return tellSuccess(run)
    case 'Failed':
      return tellFailure(run)
    case 'Cancelled':
      return [plain('Cancelled the copy of '), ...fromTo(run), plain(`${after(run)}.`)]
  }
}

const doing: Record<ActivityPhase, string> = {
  waiting: 'About to copy ',
  preparing: 'Looking at both ends before copying ',
  copying: 'Copying ',
  publishing: 'Everything has arrived. Verifying and publishing ',
  cleaning: 'Removing what is left of the copy of ',
  kept: 'Copying ',
  ended: 'Copying ',
}

function tellRunning(run: ToldRun): Phrase[] {
  const [only, ...others] = run.activities
  if (only && others.length === 0) return [plain(doing[only.phase]), ...fromTo(run), plain('.')]
  const count = (wanted: ToldActivity['status']) =>
    run.activities.filter(({ status }) => status === wanted).length
  const failed = count('Failed')
  const soFar = [`${count('Succeeded')} done`, ...(failed > 0 ? [`${failed} failed`] : [])]
  return [plain('Copying '), ...fromTo(run), plain(`: ${soFar.join(', ')}.`)]
}

function tellSuccess(run: ToldRun): Phrase[] {
  const receipts = run.activities.flatMap(({ receipt }) => receipt ?? [])
  return [
    plain(`Copied ${amount(receipts)} `),
    ...(run.activities.length === 1 ? [plain('from ')] : [plain('in ')]),
    ...fromTo(run),
    plain(`${took(run)}${promise(receipts)}.`),
  ]
}

/** Files that go unchanged are counted as files. */
function amount(receipts: ToldReceipt[]): string {
  const sum = (counted: ToldReceipt[]) =>
    counted.reduce((total, { rowsWritten }) => total + BigInt(rowsWritten), 0n).toString()
  const files = receipts.filter(({ canonicalForm }) => canonicalForm === 'bytes')
  const rows = receipts.filter(({ canonicalForm }) => canonicalForm !== 'bytes')
  const words = []
  if (rows.length > 0 || files.length === 0) words.push(formatQuantity(sum(rows), 'row'))
  if (files.length > 0) words.push(formatQuantity(sum(files), 'file'))
  return words.join(' and ')
}

/** What the receipts say together: the weakest of them counts. */
function promise(receipts: ToldReceipt[]): string {
  if (receipts.length === 0) return ''
  const once = receipts.every(({ guarantee }) => guarantee === 'exactly-once')
  const levels = receipts.map(({ verification }) => verification)
  const level = levels.includes('counts')
    ? 'with equal counts at both ends'
    : levels.includes('stream')
      ? 'verified'
      : 'verified by reading the sink again'
  return `, ${once ? 'exactly once' : 'at least once'}, ${level}`
}

/** What went wrong stands below the sentence, with what to do about it. */
function tellFailure(run: ToldRun): Phrase[] {
  const failed = run.activities.filter(({ status }) => status === 'Failed').length
  const when = after(run)
  if (run.activities.length === 1)
    return [
      plain('Could not copy '),
      ...fromTo(run),
      plain(when === beforeItBegan ? '.' : `: it failed${when}.`),
    ]
  return [plain(`${failed} of ${run.activities.length} activities failed${when}.`)]
}

function fromTo({ activities }: ToldRun): Phrase[] {
  const [only, ...others] = activities
  if (!only || others.length > 0) return [plain(`${activities.length} activities`)]
  return [{ text: only.source, name: true }, plain(' to '), { text: only.sink, name: true }]
}

function took(run: ToldRun): string {
  const ms = durationMs(run)
  return ms === null ? '' : ` in ${formatDuration(ms)}`
}

function after(run: ToldRun): string {
  const ms = durationMs(run)
  return ms === null ? beforeItBegan : ` after ${formatDuration(ms)}`
}
const beforeItBegan = ' before it began'

function durationMs({ startedAt, endedAt }: ToldRun): number | null {
  return startedAt && endedAt ? endedAt.getTime() - startedAt.getTime() : null
}

function plain(text: string): Phrase {
  return { text }
}
