'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { LiveProblem } from '@/components/live/live-problem'
import { runtimeQuery } from '@/components/runtimes/query-options'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { FilterBox } from '@/components/table/filter-box'
import { namePaging } from '@/components/table/name-paging'
import { ButtonLink } from '@/components/ui/button'
import { Callout } from '@/components/ui/callout'
import { EmptyState } from '@/components/ui/empty-state'
import { Slots } from '@/components/ui/slots'
import { Time } from '@/components/ui/time'
import type { NodeView } from '@/lib/nodes/queries'
import { formatBytes, formatCount, formatPercent } from '@/lib/format'
import { paths } from '@/lib/paths'
import type { RuntimeLive } from '@/lib/runtimes/queries'
import { NodeActions, type NodeRights } from './node-actions'
import { NodeStateWhy } from './node-state'

type NodesTableProps = {
  factory: string
  runtime: { id: string; name: string }
  initial: RuntimeLive
  /** The page of them that is shown. */
  view: { q: string; after?: string | undefined }
  rights: NodeRights
}

/** The nodes of a runtime, up to date by themselves. */
export function NodesTable({ factory, runtime, initial, view, rights }: NodesTableProps) {
  const live = useQuery({ ...runtimeQuery(runtime.id, view), initialData: initial })
  const { error, dataUpdatedAt } = live
  // Another page's answer is asked for by the header too, which has nothing to begin with.
  const data = live.data ?? initial
  const some = data.nodeCount > 0
  const path = paths.runtime(factory, runtime.name)
  return (
    <>
      <LiveProblem error={error} readAt={dataUpdatedAt} />
      <WaitingNodes {...data.awaiting} hrefOf={({ id }) => paths.node(factory, runtime.name, id)} />
      <DataTable
        label={`Nodes of ${runtime.name}`}
        columns={columns}
        rows={data.nodes.rows}
        paging={namePaging(data.nodes, { q: view.q, path, after: view.after, what: ['node', 'nodes'] })}
        toolbar={
          some ? <FilterBox label="Filter nodes" placeholder="Filter by name or address" /> : undefined
        }
        rowKey={({ id }) => id}
        rowHref={({ id }) => paths.node(factory, runtime.name, id)}
        rowActions={actionsFor(rights, path)}
        empty={
          some ? (
            <p className="px-4 py-10 text-center text-fg-muted">No node matches the filter.</p>
          ) : (
            <EmptyState
              title="No node yet"
              action={
                <ButtonLink variant="primary" href={paths.runtime(factory, runtime.name, 'install')}>
                  Install a node
                </ButtonLink>
              }
            >
              A node is a machine next to your data that dials out to this portal and copies rows from store
              to store.
            </EmptyState>
          )
        }
      />
    </>
  )
}

type WaitingNodesProps = RuntimeLive['awaiting'] & { hrefOf: (node: { id: string }) => string }

/** Those that nobody but a person can let in. */
function WaitingNodes({ nodes, total, hrefOf }: WaitingNodesProps) {
  if (total === 0) return null
  return (
    <Callout
      tone="warn"
      title={
        total === 1
          ? 'A node waits for an Owner’s approval'
          : `${formatCount(total)} nodes wait for an Owner’s approval`
      }
    >
      The runtime is strict, and {total === 1 ? 'it' : 'they'} came without the proof of an enrolment link.
      See what to compare and what to run:{' '}
      {nodes.map((node, index) => (
        <span key={node.id}>
          {index > 0 ? ', ' : ''}
          <Link href={hrefOf(node)} className="font-medium underline underline-offset-2">
            {node.displayName}
          </Link>
        </span>
      ))}
      {total > nodes.length ? ` and ${formatCount(total - nodes.length)} more` : ''}
    </Callout>
  )
}

function actionsFor(rights: NodeRights, runtimeHref: string) {
  return ({ id, displayName, wish, tasks }: NodeView) => (
    <NodeActions
      node={{ id, displayName, wish, running: tasks.length }}
      rights={rights}
      runtimeHref={runtimeHref}
    />
  )
}

const columns: Column<NodeView>[] = [
  { id: 'name', header: 'Node', cell: ({ displayName }) => displayName, width: 'md:w-48' },
  {
    id: 'state',
    header: 'State',
    phone: 'aside',
    cell: (node) => <NodeStateWhy node={node} />,
    width: 'md:w-44',
  },
  { id: 'slots', header: 'Slots', cell: (node) => <NodeSlots node={node} />, width: 'md:w-44' },
  {
    id: 'cpu',
    header: 'CPU',
    align: 'right',
    cell: (node) => <Measured node={node}>{(now) => formatPercent(now.cpuPercent / 100)}</Measured>,
    phone: 'hidden',
    width: 'md:w-20',
  },
  {
    id: 'memory',
    header: 'Memory',
    align: 'right',
    cell: (node) => <Measured node={node}>{(now) => formatBytes(now.memoryUsedBytes)}</Measured>,
    phone: 'hidden',
    width: 'md:w-28',
  },
  {
    id: 'version',
    header: 'Version',
    cell: ({ machine }) => machine.agentVersion,
    phone: 'hidden',
    width: 'md:w-24',
  },
  {
    id: 'seen',
    header: 'Last heard',
    cell: ({ lastSeenAt }) => (
      <>
        <span className="md:hidden">heard </span>
        {lastSeenAt ? <Time value={lastSeenAt} /> : 'never'}
      </>
    ),
    width: 'md:w-32',
  },
  { id: 'address', header: 'Address', cell: ({ address }) => address, mono: true, phone: 'hidden' },
]

type MeasuredProps = {
  node: NodeView
  children: (resources: NonNullable<NodeView['resources']>) => string
}

/** What a node that is offline said last is no longer so, and grey. */
function Measured({ node: { resources, state }, children }: MeasuredProps) {
  if (!resources) return '–'
  if (state !== 'Offline') return children(resources)
  return (
    <span className="text-fg-faint" title="As it was when the node was last heard">
      {children(resources)}
    </span>
  )
}

/** Interactive requests take no slot. */
export function NodeSlots({ node }: { node: Pick<NodeView, 'slotsTotal' | 'tasks'> }) {
  return <Slots total={node.slotsTotal} tasks={node.tasks.filter(({ interactive }) => !interactive)} />
}
