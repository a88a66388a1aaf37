'use client'

import { clsx } from 'clsx'
import { CircleCheck, CircleX, Download } from 'lucide-react'
import type { ReactNode } from 'react'
import { Badge } from '@/components/ui/badge'
import { buttonClass } from '@/components/ui/button'
import { Bytes } from '@/components/ui/numbers'
import { Facts, Panel } from '@/components/ui/panel'
import { formatBytes, formatCount, formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'
import type { CopyReceipt } from '@/lib/protocol/copy-plan'
import type { RunActivity } from '@/lib/runs/read/activity-detail'
import type { RunDetail } from '@/lib/runs/read/run-detail'

/** What each copy can say of itself once it is published, with the evidence. */
export function RunReceipts({ run }: { run: RunDetail }) {
  const told = run.activities.filter(({ receipt }) => receipt !== null)
  if (told.length === 0) return null
  return (
    <Panel
      title={run.activities.length === 1 ? 'Receipt' : 'Receipts'}
      description="What was copied, how it was checked, and what that is worth."
      actions={
        <a
          href={paths.runReceipt(run.id)}
          download={`run-${run.id}-receipt.json`}
          className={buttonClass({})}
        >
          <Download aria-hidden />
          Download receipt
        </a>
      }
    >
      <div className="flex flex-col gap-6">
        {told.map((activity) => (
          <section key={activity.id} aria-label={`Receipt of ${activity.name}`}>
            {run.activities.length > 1 ? (
              <h3 className="mb-2 text-sm font-semibold">{activity.name}</h3>
            ) : null}
            {activity.receipt ? <Receipt activity={activity} receipt={activity.receipt} /> : null}
          </section>
        ))}
      </div>
    </Panel>
  )
}

function Receipt({ activity, receipt }: { activity: RunActivity; receipt: CopyReceipt }) {
  return (
    <>
      <Facts rows={factsOf(receipt)} />
      {receipt.filesWritten.length > 0 ? <Files activity={activity} receipt={receipt} /> : null}
    </>
  )
}

const levels = {
  counts: 'Counts: rows and bytes at both ends agree.',
  stream:
    'Stream: besides the counts, the digest of what was read equals that of what was handed to the sink.',
  content:
    'Content: as stream, and every row was read again from the sink, and the digests compared, before it was published.',
} as const
const snapshots = {
  single: 'One snapshot: every part read the same moment of the source.',
  'per part': 'One per part: parts read the source at different moments.',
  none: 'None: the source has no snapshots.',
} as const
const forms = {
  'pg-binary': "PostgreSQL's binary tuples",
  'pg-text': "PostgreSQL's text rows",
  csv: 'CSV rows',
  json: 'JSON lines',
  bytes: 'the bytes of the files',
} as const

function factsOf(receipt: CopyReceipt): (readonly [string, ReactNode])[] {
  const { rowsRead, rowsWritten, bytesRead, bytesWritten } = receipt
  return [
    [
      receipt.canonicalForm === 'bytes' ? 'Files' : 'Rows',
      <Pair
        key="rows"
        read={formatCount(rowsRead)}
        written={formatCount(rowsWritten)}
        same={rowsRead === rowsWritten}
      />,
    ],
    [
      'Bytes',
      <span key="bytes">
        <Bytes value={bytesRead} /> read, <Bytes value={bytesWritten} /> written
      </span>,
    ],
    ['Digests', <Digests key="digests" receipt={receipt} />],
    [
      'Guarantee',
      <span key="guarantee">
        <Badge tone={receipt.guarantee === 'exactly-once' ? 'ok' : 'warn'}>
          {receipt.guarantee === 'exactly-once' ? 'Exactly once' : 'At least once'}
        </Badge>{' '}
        {receipt.guaranteeReason}
      </span>,
    ],
    ['Verification', <Verification key="verification" receipt={receipt} />],
    ['Snapshot', snapshots[receipt.snapshot]],
    [
      'Versions',
      receipt.versions.map(({ role, version }) => `${role}: ${version}`).join(' · ') || 'not told',
    ],
  ]
}

function Pair({ read, written, same }: { read: string; written: string; same: boolean }) {
  return same ? (
    <span className="tabular-nums">{read} read and written</span>
  ) : (
    <span className="tabular-nums">
      {read} read, {written} written
    </span>
  )
}

function Digests({ receipt }: { receipt: CopyReceipt }) {
  const { sourceDigest, sinkDigest, verification, canonicalForm } = receipt
  if (!sourceDigest && !sinkDigest) return <>None at this level: only counts were compared.</>
  const agree = sourceDigest === sinkDigest
  return (
    <div>
      <p>
        <span className={clsx('whitespace-nowrap', agree ? 'text-ok-text' : 'text-bad-text')}>
          {agree ? (
            <CircleCheck aria-hidden className="mr-1 inline size-4 align-[-3px]" />
          ) : (
            <CircleX aria-hidden className="mr-1 inline size-4 align-[-3px]" />
          )}
          {agree ? 'Equal at both ends' : 'Different'}
        </span>{' '}
        <span className="text-fg-muted">
          over {forms[canonicalForm]}
          {verification === 'content' ? ', read back from the sink' : ''}
        </span>
      </p>
      <dl className="mt-1 grid grid-cols-[max-content_1fr] gap-x-3 font-mono text-xs">
        <dt className="text-fg-muted">source</dt>
        <dd className="wrap-anywhere">{sourceDigest}</dd>
        <dt className="text-fg-muted">sink</dt>
        <dd className="wrap-anywhere">{sinkDigest}</dd>
      </dl>
    </div>
  )
}

function Verification({ receipt }: { receipt: CopyReceipt }) {
  return (
    <div>
      <p>{levels[receipt.verification]}</p>
      {receipt.checks.length > 0 ? (
        <ul className="mt-1 list-disc pl-4 text-fg-muted marker:text-fg-faint">
          {receipt.checks.map((check) => (
            <li key={check}>{check}</li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

function Files({ activity, receipt }: { activity: RunActivity; receipt: CopyReceipt }) {
  const more = activity.fileCount - receipt.filesWritten.length
  return (
    <details className="mt-3 text-sm">
      <summary className="cursor-pointer font-medium">
        {formatQuantity(activity.fileCount, 'file')} written
        {more > 0
          ? `, the first ${formatCount(receipt.filesWritten.length)} shown (the download has all)`
          : ''}
      </summary>
      <ul
        aria-label="Files written"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        className="mt-2 max-h-64 overflow-y-auto rounded-md border"
      >
        {receipt.filesWritten.map(({ path, sizeBytes, md5 }) => (
          <li key={path} className="flex flex-wrap items-baseline gap-x-4 border-b px-3 py-1 last:border-b-0">
            <span className="min-w-0 flex-1 font-mono text-xs wrap-anywhere">{path}</span>
            <span className="text-fg-muted tabular-nums">{formatBytes(sizeBytes)}</span>
            {md5 ? <span className="font-mono text-xs text-fg-muted">md5 {md5}</span> : null}
          </li>
        ))}
      </ul>
    </details>
  )
}
