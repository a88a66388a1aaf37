import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { Badge } from '@/components/ui/badge'
import { Time } from '@/components/ui/time'
import type { SessionRow } from '@/lib/account/queries'
import { browserWords } from './browser-words'
import { EndSessionButton } from './end-session-button'

type SessionsTableProps = {
  sessions: SessionRow[]
  /** Said where there are more than are shown. */
  summary: string | undefined
}

/** Where this user is signed in. */
export function SessionsTable({ sessions, summary }: SessionsTableProps) {
  return (
    <DataTable
      label="Sessions"
      columns={columns}
      rows={sessions}
      paging={{ summary }}
      rowKey={({ id }) => id}
      rowActions={endOf}
      empty={<p className="px-4 py-6 text-center text-fg-muted">You are signed in nowhere.</p>}
    />
  )
}

function endOf(session: SessionRow) {
  if (session.current) return null
  return <EndSessionButton sessionId={session.id} place={browserWords(session.userAgent)} />
}

const columns: Column<SessionRow>[] = [
  {
    id: 'browser',
    header: 'Browser',
    cell: ({ userAgent, current }) => (
      <span className="inline-flex flex-wrap items-center gap-2">
        <span title={userAgent}>{browserWords(userAgent)}</span>
        {current ? <Badge tone="info">This one</Badge> : null}
      </span>
    ),
  },
  { id: 'address', header: 'Address', mono: true, cell: ({ address }) => address, width: 'md:w-56' },
  {
    id: 'since',
    header: 'Signed in',
    cell: ({ createdAt }) => <Time value={createdAt} />,
    phone: 'hidden',
    width: 'md:w-36',
  },
  {
    id: 'used',
    header: 'Last used',
    cell: ({ lastSeenAt }) => (
      <>
        <span className="md:hidden">used </span>
        <Time value={lastSeenAt} />
      </>
    ),
    width: 'md:w-36',
  },
  {
    id: 'ends',
    header: 'Ends at the latest',
    cell: ({ expiresAt }) => <Time value={expiresAt} />,
    phone: 'hidden',
    width: 'md:w-40',
  },
]
