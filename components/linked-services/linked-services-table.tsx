import { CredentialState } from '@/components/linked-services/credential-state'
import { StoreKind } from '@/components/stores/store-kind'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import type { Paging } from '@/components/table/pager'
import { FilterBox } from '@/components/table/filter-box'
import { Time } from '@/components/ui/time'
import { describeAddress } from '@/lib/linked-services/address'
import type { LinkedServiceSummary } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'
import type { ReactNode } from 'react'

type LinkedServicesTableProps = {
  factory: string
  linkedServices: LinkedServiceSummary[]
  paging: Paging | undefined
  /** Shown where there is none at all; null while a filter hides them. */
  empty: ReactNode | null
}

/** The stores of a factory: what they are, where, and whether the nodes can open them. */
export function LinkedServicesTable({ factory, linkedServices, paging, empty }: LinkedServicesTableProps) {
  return (
    <DataTable
      label={`Linked services of ${factory}`}
      columns={columns}
      rows={linkedServices}
      paging={paging}
      rowKey={({ id }) => id}
      rowHref={({ name }) => paths.linkedService(factory, name)}
      toolbar={
        empty === null ? (
          <FilterBox label="Filter linked services" placeholder="Filter by name, address or runtime" />
        ) : undefined
      }
      empty={
        empty ?? <p className="px-4 py-10 text-center text-fg-muted">No linked service matches the filter.</p>
      }
    />
  )
}

const columns: Column<LinkedServiceSummary>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, width: 'md:w-40' },
  { id: 'type', header: 'Kind', cell: ({ type }) => <StoreKind type={type} />, width: 'md:w-40' },
  {
    id: 'address',
    header: 'Address',
    cell: ({ address }) => <span title={describeAddress(address)}>{describeAddress(address)}</span>,
    truncate: true,
    phone: 'hidden',
  },
  {
    id: 'runtime',
    header: 'Runtime',
    cell: ({ runtimeName }) => <span className="wrap-anywhere">{runtimeName}</span>,
    width: 'md:w-28',
  },
  {
    id: 'credential',
    header: 'Credential',
    cell: (service) => <CredentialState {...service} />,
    phone: 'aside',
    width: 'md:w-44',
  },
  {
    id: 'datasets',
    header: 'Datasets',
    align: 'right',
    cell: ({ datasetCount }) => datasetCount,
    phone: 'hidden',
    width: 'md:w-20',
  },
  {
    id: 'updated',
    header: 'Changed',
    align: 'right',
    cell: ({ updatedAt }) => <Time value={updatedAt} />,
    phone: 'hidden',
    width: 'md:w-28',
  },
]
