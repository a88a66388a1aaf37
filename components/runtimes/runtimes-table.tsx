import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import type { Paging } from '@/components/table/pager'
import { FilterBox } from '@/components/table/filter-box'
import { EmptyState } from '@/components/ui/empty-state'
import { paths } from '@/lib/paths'
import type { RuntimeRow } from '@/lib/runtimes/queries'
import { NodeHealthSummary } from './node-health'
import { CreateRuntimeButton } from './runtime-sheets'

type RuntimesTableProps = {
  factory: { id: string; name: string }
  runtimes: RuntimeRow[]
  paging: Paging | undefined
  /** There are some, if only beyond the filter or the page. */
  some: boolean
  mayNotCreate: string | null
}

/** The runtimes of a factory with the health of their nodes. */
export function RuntimesTable({ factory, runtimes, paging, some, mayNotCreate }: RuntimesTableProps) {
  return (
    <DataTable
      label={`Integration runtimes of ${factory.name}`}
      columns={columns}
      rows={runtimes}
      paging={paging}
      rowKey={({ id }) => id}
      rowHref={({ name }) => paths.runtime(factory.name, name)}
      toolbar={some ? <FilterBox label="Filter runtimes" placeholder="Filter by name" /> : undefined}
      empty={
        some ? (
          <p className="px-4 py-10 text-center text-fg-muted">No runtime matches the filter.</p>
        ) : (
          <EmptyState
            title="No integration runtime yet"
            action={<CreateRuntimeButton factory={factory} disabledReason={mayNotCreate} />}
          >
            An integration runtime is a group of nodes next to the same private data; linked services connect
            through it.
          </EmptyState>
        )
      }
    />
  )
}

const columns: Column<RuntimeRow>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, width: 'md:w-56' },
  {
    id: 'nodes',
    header: 'Nodes',
    cell: ({ health }) => <NodeHealthSummary health={health} />,
    width: 'md:w-64',
  },
  {
    id: 'running',
    header: 'Running',
    align: 'right',
    cell: ({ running }) => running,
    phone: 'hidden',
    width: 'md:w-24',
  },
  {
    id: 'waiting',
    header: 'Waiting',
    align: 'right',
    cell: ({ waiting }) => waiting,
    phone: 'hidden',
    width: 'md:w-24',
  },
  {
    id: 'services',
    header: 'Linked services',
    align: 'right',
    cell: ({ linkedServices }) => linkedServices,
    phone: 'hidden',
    width: 'md:w-32',
  },
  {
    id: 'description',
    header: 'Description',
    cell: ({ description }) => description,
    phone: 'hidden',
    truncate: true,
  },
]
