'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { Button } from '@/components/ui/button'
import { Bytes, Count } from '@/components/ui/numbers'
import { Elapsed } from '@/components/ui/time'
import { formatCount } from '@/lib/format'
import type { PartTrouble, RunPart } from '@/lib/runs/read/read-parts'
import type { SilentNode } from '@/lib/runs/read/read-silent'
import type { RunDetail } from '@/lib/runs/read/run-detail'
import { NodeName } from './node-name'
import { PartStateBadge } from './run-status'

type RunPartsProps = { run: RunDetail; onPage: (from: number) => void }

/** Each part with its range, node, epoch, attempt and counts. */
export function RunParts({ run, onPage }: RunPartsProps) {
  const activity = run.activities.find(({ id }) => id === run.shown.activityId)
  if (!activity || run.shown.parts.length === 0) return null
  const { parts, from } = run.shown
  const { total } = activity.parts
  const rows = parts.map((part) => ({ ...part, isUnheard: isUnheard(part, activity.silent) }))
  const several = run.activities.length > 1 ? ` of ${activity.name}` : ''
  return (
    <section aria-label={`Parts${several}`}>
      <h2 className="mb-2 flex flex-wrap items-center gap-2 text-base font-semibold">
        <span className="flex-1">
          Parts{several}{' '}
          <span className="text-sm font-normal text-fg-muted">
            {parts.length < total
              ? `${formatCount(from + 1)} to ${formatCount(from + parts.length)} of ${formatCount(total)}`
              : formatCount(total)}
          </span>
        </span>
        {from > 0 ? (
          <Button
            size="sm"
            icon={<ChevronLeft aria-hidden />}
            onClick={() => onPage(Math.max(0, from - 100))}
          >
            Earlier parts
          </Button>
        ) : null}
        {from + parts.length < total ? (
          <Button size="sm" onClick={() => onPage(from + parts.length)}>
            Later parts
            <ChevronRight aria-hidden />
          </Button>
        ) : null}
      </h2>
      <DataTable
        label={`Parts${several}`}
        columns={columns}
        rows={rows}
        rowKey={(part) => String(part.index)}
        empty={null}
      />
    </section>
  )
}

function isUnheard({ state, nodeId }: RunPart, silent: readonly SilentNode[]): boolean {
  const isHeld = state === 'leased' || state === 'committing'
  return isHeld && silent.some((node) => node.nodeId === nodeId)
}

const columns = [
  {
    id: 'label',
    header: 'Range',
    cell: (part) => <span className="font-mono text-xs wrap-anywhere">{part.label}</span>,
  },
  {
    id: 'state',
    header: 'State',
    cell: (part) => <PartStateBadge state={part.state} unheard={part.isUnheard} />,
    phone: 'aside',
    width: 'md:w-28',
  },
  {
    id: 'node',
    header: 'Node',
    cell: (part) => <NodeName nodeId={part.nodeId} />,
    width: 'md:w-32',
    truncate: true,
  },
  {
    id: 'attempt',
    header: 'Attempt',
    cell: (part) => part.attempt || '–',
    align: 'right',
    phone: 'hidden',
    width: 'md:w-20',
  },
  {
    id: 'epoch',
    header: 'Epoch',
    cell: (part) => <span className="font-mono text-xs">{part.epoch || '–'}</span>,
    align: 'right',
    phone: 'hidden',
    width: 'md:w-32',
  },
  { id: 'rows', header: 'Rows', cell: (part) => <Rows part={part} />, align: 'right', width: 'md:w-24' },
  {
    id: 'bytes',
    header: 'Size',
    cell: (part) => <Bytes value={part.bytes} />,
    align: 'right',
    phone: 'hidden',
    width: 'md:w-20',
  },
  {
    id: 'took',
    header: 'Took',
    cell: (part) => (part.startedAt ? <Elapsed start={part.startedAt} end={part.endedAt} /> : '–'),
    align: 'right',
    width: 'md:w-20',
  },
  {
    id: 'failure',
    header: 'Last trouble',
    cell: ({ trouble }) => (trouble ? <Trouble {...trouble} /> : ''),
    phone: 'hidden',
    truncate: true,
    width: 'md:w-28',
  },
] satisfies Column<RunPart & { isUnheard: boolean }>[]

function Trouble({ message, nodeName }: PartTrouble) {
  const words = message ?? `The node ${nodeName} was lost`
  return <span title={words}>{words}</span>
}

function Rows({ part }: { part: RunPart }) {
  const resumed =
    Number(part.rowsResumed) > 0
      ? `${formatCount(part.rowsResumed)} of them by an earlier attempt`
      : undefined
  return (
    <span title={resumed}>
      <Count value={part.rows} />
      <span className="md:hidden"> rows</span>
    </span>
  )
}
