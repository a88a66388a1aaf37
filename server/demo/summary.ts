import { formatCount } from '@/lib/format'
import type { RunResult } from '@/server/demo/follow-run'

export const summaryHeader = [
  'run',
  'rows read',
  'rows written',
  'MB/s',
  'guarantee',
  'verification',
  'digest',
  'nodes',
]

/** One row of the closing table. MB/s: bytes read from the source by the whole run's time, verification included. */
export function summaryRow({ label, receipt, seconds, nodes, problem }: RunResult): string[] {
  if (!receipt) return [label, '–', '–', '–', '–', '–', problem ?? 'failed', nodes.join(' + ')]
  return [
    label,
    formatCount(receipt.rowsRead),
    formatCount(receipt.rowsWritten),
    (Number(receipt.bytesRead) / seconds / 1e6).toFixed(1),
    receipt.guarantee,
    receipt.verification,
    digestsAgree(receipt) ? `equal (${receipt.sourceDigest.slice(0, 12)}…)` : 'DIFFERENT',
    nodes.join(' + '),
  ]
}

/** What `--once` exits by: every run verified by reading the sink again, with one digest at both ends. */
export function isProven({ receipt, problem }: RunResult, rowCount: number): boolean {
  if (problem !== null || !receipt) return false
  const rows = [receipt.rowsRead, receipt.rowsWritten]
  return (
    receipt.verification === 'content' &&
    digestsAgree(receipt) &&
    rows.every((count) => count === String(rowCount))
  )
}

function digestsAgree({ sourceDigest, sinkDigest }: { sourceDigest: string; sinkDigest: string }): boolean {
  return sourceDigest !== '' && sourceDigest === sinkDigest
}
