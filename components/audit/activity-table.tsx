import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { Time } from '@/components/ui/time'
import type { ActivityRow, AuditPage } from '@/lib/audit/queries'
import { actionWords, entryCountWords } from '@/lib/audit/schemas'
import { withQuery } from '@/lib/paths'
import { AuditActor } from './audit-actor'

type ActivityTableProps = { page: AuditPage<ActivityRow>; path: string; before: number | undefined }

/** Who did what to a thing and its parts. */
export function ActivityTable({ page, path, before }: ActivityTableProps) {
  return (
    <DataTable
      label="Activity"
      columns={columns}
      rows={page.rows}
      rowKey={({ seq }) => String(seq)}
      empty={<p className="px-4 py-10 text-center text-fg-muted">Nothing was done to it yet.</p>}
      paging={{
        nextHref: page.nextBefore ? withQuery(path, { before: page.nextBefore }) : null,
        previousHref: before ? path : null,
        summary: entryCountWords(page.count),
      }}
    />
  )
}

const columns: Column<ActivityRow>[] = [
  { id: 'what', header: 'What', cell: ({ action }) => actionWords(action), width: 'md:w-64' },
  {
    id: 'thing',
    header: 'Of',
    cell: ({ entityName }) => <span className="wrap-anywhere">{entityName}</span>,
    width: 'md:w-56',
  },
  { id: 'who', header: 'Who', cell: ({ actor }) => <AuditActor actor={actor} /> },
  { id: 'when', header: 'When', cell: ({ at }) => <Time value={at} />, phone: 'aside', width: 'md:w-40' },
]
