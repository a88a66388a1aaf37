import type { ReactNode } from 'react'
import { datasetKinds, datasetPlace } from '@/components/datasets/dataset-words'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import type { Paging } from '@/components/table/pager'
import { FilterBox } from '@/components/table/filter-box'
import { Time } from '@/components/ui/time'
import type { Dataset } from '@/lib/datasets/queries'
import { paths } from '@/lib/paths'

type DatasetsTableProps = {
  factory: string
  datasets: Dataset[]
  paging: Paging | undefined
  /** Shown where there is none at all; null while a filter hides them. */
  empty: ReactNode | null
}

/** The named shapes of data in a factory's stores. */
export function DatasetsTable({ factory, datasets, paging, empty }: DatasetsTableProps) {
  return (
    <DataTable
      label={`Datasets of ${factory}`}
      columns={columns}
      rows={datasets}
      paging={paging}
      rowKey={({ id }) => id}
      rowHref={({ name }) => paths.dataset(factory, name)}
      toolbar={
        empty === null ? (
          <FilterBox label="Filter datasets" placeholder="Filter by name or store" />
        ) : undefined
      }
      empty={empty ?? <p className="px-4 py-10 text-center text-fg-muted">No dataset matches the filter.</p>}
    />
  )
}

const columns: Column<Dataset>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, width: 'md:w-80' },
  {
    id: 'kind',
    header: 'Kind',
    cell: ({ definition }) => datasetKinds[definition.type],
    phone: 'aside',
    width: 'md:w-40',
  },
  { id: 'place', header: 'Place', cell: ({ definition }) => datasetPlace(definition), truncate: true },
  {
    id: 'store',
    header: 'Linked service',
    cell: ({ linkedServiceName }) => <span className="wrap-anywhere">{linkedServiceName}</span>,
    width: 'md:w-40',
  },
  {
    id: 'updated',
    header: 'Changed',
    align: 'right',
    cell: ({ updatedAt }) => <Time value={updatedAt} />,
    phone: 'hidden',
    width: 'md:w-32',
  },
]
