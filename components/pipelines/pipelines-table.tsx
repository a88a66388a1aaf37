'use client'

import { Eye, Play, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useState, type ReactNode } from 'react'
import { RunStatusBadge } from '@/components/runs/run-status'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import type { Paging } from '@/components/table/pager'
import { RowActions } from '@/components/table/row-actions'
import { Time } from '@/components/ui/time'
import { formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'
import type { PipelineListItem } from '@/lib/pipelines/queries'
import { DeletePipelineDialog, type PipelineRights, useRunNow } from './pipeline-actions'

type PipelinesTableProps = {
  factory: string
  pipelines: PipelineListItem[]
  paging: Paging | undefined
  rights: PipelineRights
  toolbar: ReactNode
  empty: ReactNode
}

/** Pipelines of a factory with their last run. */
export function PipelinesTable({ factory, pipelines, paging, rights, toolbar, empty }: PipelinesTableProps) {
  const [deleting, setDeleting] = useState<PipelineListItem | null>(null)
  const [open, setOpen] = useState(false)
  const onDelete = (pipeline: PipelineListItem) => {
    setDeleting(pipeline)
    setOpen(true)
  }
  const rows = pipelines.map((pipeline) => ({ ...pipeline, factory }))
  return (
    <>
      <DataTable
        label={`Pipelines of ${factory}`}
        columns={columns}
        rows={rows}
        paging={paging}
        rowKey={({ id }) => id}
        rowHref={({ name }) => paths.pipeline(factory, name)}
        toolbar={toolbar}
        empty={empty}
        rowActions={actionsFor({ factory, rights, onDelete })}
      />
      {deleting ? (
        <DeletePipelineDialog factory={factory} pipeline={deleting} open={open} onOpenChange={setOpen} />
      ) : null}
    </>
  )
}

type RowActionsOf = Pick<PipelinesTableProps, 'factory' | 'rights'> & {
  onDelete: (pipeline: PipelineListItem) => void
}

function actionsFor(of: RowActionsOf) {
  return (pipeline: PipelineListItem) => <PipelineRowActions {...of} pipeline={pipeline} />
}

function PipelineRowActions({
  factory,
  pipeline,
  rights,
  onDelete,
}: RowActionsOf & { pipeline: PipelineListItem }) {
  const { runNow } = useRunNow(factory)
  return (
    <RowActions
      name={pipeline.name}
      groups={[
        [
          {
            label: 'Run now',
            icon: <Play aria-hidden />,
            onSelect: () => void runNow(pipeline.id),
            ...refused(rights.run),
          },
          {
            label: 'See its runs',
            icon: <Eye aria-hidden />,
            href: paths.pipeline(factory, pipeline.name, 'runs'),
          },
        ],
        [
          {
            label: 'Delete pipeline',
            icon: <Trash2 aria-hidden />,
            tone: 'danger',
            onSelect: () => onDelete(pipeline),
            ...refused(rights.write),
          },
        ],
      ]}
    />
  )
}

function refused(reason: string | null) {
  return reason === null ? {} : { disabled: true, note: reason }
}

const columns = [
  { id: 'name', header: 'Name', cell: (pipeline) => pipeline.name, width: 'md:w-64' },
  {
    id: 'status',
    header: 'Last run',
    cell: ({ lastRun, factory }) =>
      lastRun ? (
        <Link href={paths.run(factory, lastRun.id)} className="relative z-1 hover:underline">
          <RunStatusBadge status={lastRun.status} />
        </Link>
      ) : (
        <span className="text-fg-muted">Never ran</span>
      ),
    phone: 'aside',
    width: 'md:w-36',
  },
  {
    id: 'when',
    header: 'Started',
    cell: ({ lastRun }) => (lastRun ? <Time value={lastRun.queuedAt} /> : '–'),
    width: 'md:w-36',
  },
  {
    id: 'activities',
    header: 'Activities',
    cell: ({ activityCount }) => formatQuantity(activityCount, 'activity', 'activities'),
    width: 'md:w-32',
  },
  {
    id: 'description',
    header: 'Description',
    cell: ({ description }) => description,
    phone: 'hidden',
    truncate: true,
  },
  {
    id: 'changed',
    header: 'Changed',
    cell: ({ updatedAt }) => <Time value={updatedAt} />,
    phone: 'hidden',
    width: 'md:w-36',
  },
] satisfies Column<PipelineListItem & { factory: string }>[]
