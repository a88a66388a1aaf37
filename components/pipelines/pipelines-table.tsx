'use client'

import { Eye, Play, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useState, type ReactNode } from 'react'
import { RunStatusBadge } from '@/components/runs/run-status'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { RowActions } from '@/components/table/row-actions'
import { Time } from '@/components/ui/time'
import { formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'
import type { PipelineListItem } from '@/lib/pipelines/queries'
import { DeletePipelineDialog, type PipelineRights, useRunNow } from './pipeline-actions'

type PipelinesTableProps = {
  factory: string
  pipelines: PipelineListItem[]
  rights: PipelineRights
  toolbar: ReactNode
  empty: ReactNode
}

/** Pipelines of a factory with their last run. */
export function PipelinesTable({ factory, pipelines, rights, toolbar, empty }: PipelinesTableProps) {
  const [deleting, setDeleting] = useState<PipelineListItem | null>(null)
  const [open, setOpen] = useState(false)
  const rows = pipelines.map((pipeline) => ({ ...pipeline, factory }))
  return (
    <>
      <DataTable
        label={`Pipelines of ${factory}`}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        rowHref={({ name }) => paths.pipeline(factory, name)}
        toolbar={toolbar}
        empty={empty}
        rowActions={(pipeline) => (
          <PipelineRowActions
            factory={factory}
            pipeline={pipeline}
            rights={rights}
            onDelete={() => {
              setDeleting(pipeline)
              setOpen(true)
            }}
          />
        )}
      />
      {deleting ? (
        <DeletePipelineDialog factory={factory} pipeline={deleting} open={open} onOpenChange={setOpen} />
      ) : null}
    </>
  )
}

type RowActionsProps = Pick<PipelinesTableProps, 'factory' | 'rights'> & {
  pipeline: PipelineListItem
  onDelete: () => void
}

function PipelineRowActions({ factory, pipeline, rights, onDelete }: RowActionsProps) {
  const { runNow } = useRunNow(factory)
  const refused = (reason: string | null) => (reason === null ? {} : { disabled: true, note: reason })
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
            onSelect: onDelete,
            ...refused(rights.write),
          },
        ],
      ]}
    />
  )
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
