import Link from 'next/link'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { type Standing, StateBadge } from '@/components/ui/badge'
import { Time } from '@/components/ui/time'
import type { EnrolmentLinkRow, LinkState } from '@/lib/enrolment-links/queries'
import { RevokeLinkButton } from './revoke-link-button'

type LinksTableProps = {
  links: EnrolmentLinkRow[]
  /** Address of a node of this runtime. */
  nodeHref: (nodeId: string) => string
  mayNotRevoke: string | null
}

const standings: Record<LinkState, [standing: Standing, word: string]> = {
  waiting: ['waiting', 'Waiting'],
  used: ['ok', 'Used'],
  expired: ['off', 'Expired'],
  revoked: ['off', 'Revoked'],
}

/** What became of the links that were made. */
export function LinksTable({ links, nodeHref, mayNotRevoke }: LinksTableProps) {
  if (links.length === 0) return null
  return (
    <section aria-labelledby="enrolment-links" className="flex flex-col gap-2">
      <h2 id="enrolment-links" className="font-semibold">
        Enrolment links
      </h2>
      <DataTable
        label="Enrolment links"
        columns={columnsWith(nodeHref)}
        rows={links}
        rowKey={({ id }) => id}
        rowActions={actionsFor(mayNotRevoke)}
        empty={null}
      />
    </section>
  )
}

function columnsWith(nodeHref: LinksTableProps['nodeHref']): Column<EnrolmentLinkRow>[] {
  return [
    {
      id: 'state',
      header: 'State',
      cell: ({ state }) => <StateBadge standing={standings[state][0]}>{standings[state][1]}</StateBadge>,
      width: 'md:w-32',
    },
    {
      id: 'made',
      header: 'Made',
      cell: ({ createdAt }) => (
        <>
          <span className="md:hidden">made </span>
          <Time value={createdAt} />
        </>
      ),
      width: 'md:w-40',
    },
    {
      id: 'by',
      header: 'By',
      cell: ({ createdBy }) => createdBy ?? 'a deleted user',
      phone: 'hidden',
      width: 'md:w-48',
    },
    {
      id: 'expires',
      header: 'Expires',
      // Used or revoked, it is over whatever its time.
      cell: ({ expiresAt, state }) =>
        state === 'used' || state === 'revoked' ? (
          <span className="text-fg-faint max-md:hidden">–</span>
        ) : (
          <>
            <span className="md:hidden">{state === 'expired' ? 'expired ' : 'expires '}</span>
            <Time value={expiresAt} />
          </>
        ),
      width: 'md:w-40',
    },
    { id: 'node', header: 'Node', cell: (link) => <UsedBy link={link} href={nodeHref} /> },
  ]
}

function UsedBy({ link, href }: { link: EnrolmentLinkRow; href: LinksTableProps['nodeHref'] }) {
  const { usedBy } = link
  if (!usedBy && link.state === 'used') return <span className="text-fg-faint">a deleted node</span>
  if (!usedBy) return <span className="text-fg-faint max-md:hidden">–</span>
  if (usedBy.removed) return <span className="text-fg-muted">{usedBy.name}, removed since</span>
  return (
    <Link href={href(usedBy.id)} className="underline underline-offset-2">
      {usedBy.name}
    </Link>
  )
}

function actionsFor(mayNotRevoke: string | null) {
  return ({ id, state }: EnrolmentLinkRow) =>
    state === 'waiting' ? <RevokeLinkButton linkId={id} disabledReason={mayNotRevoke} /> : null
}
