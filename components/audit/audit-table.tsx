import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { FilterBox } from '@/components/table/filter-box'
import { Time } from '@/components/ui/time'
import type { AuditPage, AuditRow } from '@/lib/audit/queries'
import { actionWords, type AuditFilters, entryCountWords } from '@/lib/audit/schemas'
import { paths, withQuery } from '@/lib/paths'
import { AuditActor } from './audit-actor'
import { AuditDetail } from './audit-detail'
import { FactoryFilter } from './factory-filter'

type AuditTableProps = {
  page: AuditPage
  filters: AuditFilters
  /** To choose from, where these are all. */
  factories: { rows: { id: string; name: string }[]; total: number }
}

/** Everything that was changed in the organisation, the newest first. */
export function AuditTable({ page, filters, factories }: AuditTableProps) {
  const { before, ...kept } = filters
  return (
    <DataTable
      label="Audit log"
      columns={columns}
      rows={page.rows}
      rowKey={({ seq }) => String(seq)}
      rowActions={detailOf}
      toolbar={
        <>
          <FilterBox label="Filter the audit log" placeholder="Filter by action, thing or person" />
          <FactoryFilter factories={factories.rows} total={factories.total} />
        </>
      }
      empty={<p className="px-4 py-10 text-center text-fg-muted">No entry matches the filter.</p>}
      paging={{
        nextHref: page.nextBefore ? withQuery(paths.audit(), { ...kept, before: page.nextBefore }) : null,
        previousHref: before ? withQuery(paths.audit(), kept) : null,
        summary: entryCountWords(page.count),
      }}
    />
  )
}

function detailOf(row: AuditRow) {
  return <AuditDetail row={row} words={actionWords(row.action)} />
}

const columns: Column<AuditRow>[] = [
  { id: 'what', header: 'What', cell: ({ action }) => actionWords(action), width: 'md:w-56' },
  { id: 'thing', header: 'Of', cell: ({ entityName }) => entityName, truncate: true },
  { id: 'who', header: 'Who', cell: ({ actor }) => <AuditActor actor={actor} />, width: 'md:w-56' },
  { id: 'when', header: 'When', cell: ({ at }) => <Time value={at} />, phone: 'aside', width: 'md:w-40' },
  {
    id: 'seq',
    header: 'Entry',
    align: 'right',
    cell: ({ seq }) => seq,
    phone: 'hidden',
    width: 'md:w-20',
  },
]
