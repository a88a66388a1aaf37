import type { CopyPlan, CopyReceipt, PartResult } from '../../../lib/protocol/copy-plan.ts'
import { productVersion } from '../../../lib/protocol/version.ts'
import { addDigests, digestHex, parseDigestHex, type RowDigest } from '../../digest/row-digest.ts'
import { TaskFailure } from '../failure.ts'
import type { PublishTask } from '../routes.ts'

type Results = PublishTask['results']

/** What all parts together say they copied. Every part of the plan must be there, once. */
export function expectedOf(
  plan: CopyPlan,
  results: Results,
): { expected: RowDigest; parts: Map<number, { rows: bigint; digest: string }> } {
  const parts = new Map(
    results.map(({ index, result }) => [
      index,
      { rows: BigInt(result.rowsWritten), digest: result.readDigest },
    ]),
  )
  const missing = plan.parts.find(({ index }) => !parts.has(index))
  if (missing || parts.size !== plan.parts.length)
    throw new TaskFailure('internal', `part ${missing?.index ?? '?'} of the copy has no result`)
  return { parts, expected: addDigests(...results.map(({ result }) => digestOfResult(result))) }
}

export function digestOfResult({ rowsRead, bytesRead, readDigest }: PartResult): RowDigest {
  return { rows: BigInt(rowsRead), bytes: BigInt(bytesRead), ...parseDigestHex(readDigest) }
}

/** One snapshot for all rows, one for each part, or none to speak of. */
export function snapshotOf(results: Results, isContinued: boolean): CopyReceipt['snapshot'] {
  const kinds = results.map(({ result }) => result.snapshot)
  if (kinds.includes('none')) return 'none'
  if (isContinued) return 'per part'
  if (kinds.every((kind) => kind === 'shared')) return 'single'
  const [only, ...more] = results
  return more.length === 0 && only?.result.rowsResumed === '0' ? 'single' : 'per part'
}

export type Ending = Pick<CopyReceipt, 'snapshot' | 'versions' | 'rowsWritten' | 'sinkDigest' | 'checks'> &
  Partial<Pick<CopyReceipt, 'filesWritten'>>

export function receiptOf(plan: CopyPlan, results: Results, ending: Ending): CopyReceipt {
  const total = (field: 'rowsRead' | 'bytesRead' | 'bytesWritten') =>
    String(results.reduce((sum, { result }) => sum + BigInt(result[field]), 0n))
  const { guarantee, guaranteeReason, verification, canonicalForm } = plan
  return {
    rowsRead: total('rowsRead'),
    bytesRead: total('bytesRead'),
    bytesWritten: total('bytesWritten'),
    sourceDigest: digestHex(expectedOf(plan, results).expected),
    guarantee,
    guaranteeReason,
    verification,
    canonicalForm,
    filesWritten: [],
    ...ending,
    versions: [...ending.versions, { role: 'agent', version: productVersion }],
  }
}
