import { DataTable } from '@/components/table/data-table'
import type { Column } from '@/components/table/columns'
import type { Paging } from '@/components/table/pager'
import { FilterBox } from '@/components/table/filter-box'
import { Badge } from '@/components/ui/badge'
import { EmptyState } from '@/components/ui/empty-state'
import { NodeHealthSummary } from '@/components/runtimes/node-health'
import type { FactorySummary } from '@/lib/factories/queries'
import { formatCount } from '@/lib/format'
import { paths } from '@/lib/paths'
import { type Actor, whyNot } from '@/lib/permissions'
import { CreateFactoryButton } from './create-factory-button'
import { FactoryActions } from './factory-actions'

type FactoriesTableProps = {
  factories: FactorySummary[]
  paging: Paging | undefined
  filtered: boolean
  actor: Actor
}

/** The factories, how their nodes stand and what ran lately. */
export function FactoriesTable({ factories, paging, filtered, actor }: FactoriesTableProps) {
  const scope = { tenantId: actor.tenantId }
  return (
    <DataTable
      label="Factories"
      columns={columns}
      rows={factories}
      paging={paging}
      rowKey={({ id }) => id}
      rowHref={({ name }) => paths.factory(name)}
      rowActions={actionsFor(actor)}
      toolbar={
        factories.length > 0 || filtered ? (
          <FilterBox label="Filter factories" placeholder="Filter by name or tag" />
        ) : undefined
      }
      empty={filtered ? <NothingMatches /> : <NoFactory whyNot={whyNot(actor, 'factories.create', scope)} />}
    />
  )
}

const columns: Column<FactorySummary>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, width: 'md:w-56' },
  {
    id: 'nodes',
    header: 'Nodes',
    cell: ({ health }) => <NodeHealthSummary health={health} />,
    width: 'md:w-56',
  },
  {
    id: 'running',
    header: 'Running',
    align: 'right',
    cell: ({ runningRuns }) => (runningRuns > 0 ? `${formatCount(runningRuns)} running` : <Nothing />),
    width: 'md:w-24',
  },
  {
    id: 'failed',
    header: 'Failed, 24 h',
    align: 'right',
    cell: ({ failedRuns }) =>
      failedRuns > 0 ? (
        <span className="font-medium text-bad-text">{formatCount(failedRuns)} failed</span>
      ) : (
        <Nothing />
      ),
    width: 'md:w-28',
  },
  {
    id: 'tags',
    header: 'Tags',
    phone: 'hidden',
    cell: ({ tags }) => (
      <span className="flex flex-wrap gap-1">
        {Object.entries(tags).map(([name, value]) => (
          <Badge key={name}>{value ? `${name}: ${value}` : name}</Badge>
        ))}
      </span>
    ),
  },
]

function actionsFor(actor: Actor) {
  return ({ id, name, description, tags, contents }: FactorySummary) => {
    const scope = { tenantId: actor.tenantId, factoryId: id }
    const edit = whyNot(actor, 'factories.write', scope)
    const remove = whyNot(actor, 'factories.delete', scope)
    // Only what the dialogs need travels to the browser.
    const factory = { id, name, description, tags, contents }
    return <FactoryActions factory={factory} whyNot={{ edit, remove }} />
  }
}

/** A dash for the eye, the word for a screen reader; a phone's line of details leaves it out. */
function Nothing() {
  return (
    <span className="text-fg-faint max-md:hidden">
      <span aria-hidden>–</span>
      <span className="sr-only">none</span>
    </span>
  )
}

function NothingMatches() {
  return <p className="px-4 py-10 text-center text-fg-muted">No factory matches the filter.</p>
}

function NoFactory({ whyNot }: { whyNot: string | null }) {
  return (
    <EmptyState title="No factory yet" action={<CreateFactoryButton disabledReason={whyNot} />}>
      A factory owns integration runtimes, linked services, datasets, pipelines and their runs.
    </EmptyState>
  )
}
