'use client'

import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { LiveProblem } from '@/components/live/live-problem'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { Bytes, Count } from '@/components/ui/numbers'
import { Elapsed, Time } from '@/components/ui/time'
import { paths, withQuery } from '@/lib/paths'
import type { RunListItem, RunPage } from '@/lib/runs/read/list-runs'
import type { RunFilters } from '@/lib/runs/schemas'
import { runsQuery } from './query-options'
import { RunStatusBadge } from './run-status'

type RunsTableProps = {
  factory: string
  filters: RunFilters
  /** The first page as the server read it. */
  initial: RunPage
  /** The page that the list is on: its filters and pages are kept in this address. */
  path: string
  toolbar?: ReactNode
  empty: ReactNode
  /** All runs are of one pipeline, which the page names. */
  ofOnePipeline?: boolean
}

/** Runs, newest first, up to date by themselves. */
export function RunsTable(props: RunsTableProps) {
  const { factory, filters, initial, path, toolbar, empty, ofOnePipeline } = props
  const { data, error, dataUpdatedAt } = useQuery({ ...runsQuery(factory, filters), initialData: initial })
  const { pipelineId: _pipelineId, before, ...kept } = filters
  return (
    <>
      <LiveProblem error={error} readAt={dataUpdatedAt} />
      <DataTable
        label="Runs"
        columns={ofOnePipeline ? ownColumns : columns}
        rows={data.runs}
        rowKey={(run) => run.id}
        rowHref={(run) => paths.run(factory, run.id)}
        toolbar={toolbar}
        empty={empty}
        paging={{
          nextHref: data.next ? withQuery(path, { ...kept, before: data.next }) : null,
          previousHref: before ? withQuery(path, kept) : null,
        }}
      />
    </>
  )
}

const pipeline: Column<RunListItem> = {
  id: 'pipeline',
  header: 'Pipeline',
  cell: (run) => run.pipelineName,
  width: 'md:w-44',
}
const status: Column<RunListItem> = {
  id: 'status',
  header: 'Status',
  cell: (run) => <RunStatusBadge status={run.status} />,
  phone: 'aside',
  width: 'md:w-32',
}
const rest: Column<RunListItem>[] = [
  { id: 'queued', header: 'Started', cell: (run) => <Time value={run.queuedAt} />, width: 'md:w-32' },
  {
    id: 'duration',
    header: 'Took',
    cell: (run) => (run.startedAt ? <Elapsed start={run.startedAt} end={run.endedAt} /> : '–'),
    align: 'right',
    width: 'md:w-20',
  },
  {
    id: 'rows',
    header: 'Rows',
    cell: (run) => <Count value={run.rows} />,
    align: 'right',
    phone: 'hidden',
    width: 'md:w-28',
  },
  {
    id: 'bytes',
    header: 'Size',
    cell: (run) => <Bytes value={run.bytes} />,
    align: 'right',
    phone: 'hidden',
    width: 'md:w-24',
  },
  {
    id: 'by',
    header: 'By',
    cell: (run) => <Invoker run={run} />,
    phone: 'hidden',
    width: 'md:w-28',
    truncate: true,
  },
  {
    id: 'message',
    header: 'Message',
    cell: (run) => <span title={run.message}>{run.message}</span>,
    phone: 'hidden',
    truncate: true,
  },
]

function Invoker({ run }: { run: RunListItem }) {
  return (
    <>
      {run.invokedBy.name}
      {run.invokedBy.type === 'Retry' ? <span className="text-fg-muted"> · restart</span> : null}
    </>
  )
}

const columns = [pipeline, status, ...rest]
/** The first column is the link of its row. */
const ownColumns: Column<RunListItem>[] = [{ ...status, phone: 'title' }, ...rest]
