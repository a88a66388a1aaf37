'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { LiveProblem } from '@/components/live/live-problem'
import type { Column } from '@/components/table/columns'
import { DataTable } from '@/components/table/data-table'
import { EmptyState } from '@/components/ui/empty-state'
import { Time } from '@/components/ui/time'
import { paths } from '@/lib/paths'
import type { RuntimeLive } from '@/lib/runtimes/queries'
import type { WaitingTask } from '@/lib/tasks/queries'
import { runtimeQuery } from './query-options'

type QueueTableProps = { factory: string; runtime: { id: string; name: string }; initial: RuntimeLive }

/** What waits for a node, since when, and per node why it is not taken there. */
export function QueueTable({ factory, runtime, initial }: QueueTableProps) {
  const { data, error, dataUpdatedAt } = useQuery({
    ...runtimeQuery(runtime.id, { queue: true }),
    initialData: initial,
  })
  const queue = data.queue ?? initial.queue ?? []
  return (
    <>
      <LiveProblem error={error} readAt={dataUpdatedAt} />
      <DataTable
        label={`Queue of ${runtime.name}`}
        columns={columnsFor(factory)}
        rows={queue}
        rowKey={({ id }) => id}
        empty={
          <EmptyState title="Nothing waits">
            Tasks stand here while no node takes them, with the reason for each node.
          </EmptyState>
        }
      />
    </>
  )
}

function columnsFor(factory: string): Column<WaitingTask>[] {
  return [
    { id: 'task', header: 'Task', cell: (task) => <TaskName factory={factory} task={task} /> },
    {
      id: 'since',
      header: 'Waits since',
      phone: 'aside',
      cell: ({ queuedAt }) => <Time value={queuedAt} />,
      width: 'md:w-40',
    },
    {
      id: 'attempt',
      header: 'Attempts',
      align: 'right',
      phone: 'hidden',
      cell: ({ attempt }) => attempt,
      width: 'md:w-24',
    },
    { id: 'why', header: 'Why not here', cell: (task) => <WhyNotHere task={task} /> },
  ]
}

function TaskName({ factory, task }: { factory: string; task: WaitingTask }) {
  const { label, pipelineName, pipelineRunId } = task
  return (
    <span className="wrap-anywhere">
      {pipelineName && pipelineRunId ? (
        <>
          <Link href={paths.run(factory, pipelineRunId)} className="font-medium hover:underline">
            {pipelineName}
          </Link>{' '}
          <span className="text-fg-muted">{label}</span>
        </>
      ) : (
        <span className="font-medium">{label}</span>
      )}
    </span>
  )
}

function WhyNotHere({ task }: { task: WaitingTask }) {
  if (task.nodes.length === 0) return <>The runtime has no node yet.</>
  return (
    <ul className="py-0.5">
      {task.nodes.map(({ nodeId, name, why }) => (
        <li key={nodeId}>
          <span className="text-fg-muted">{name}:</span> {why ?? 'takes it with its next poll'}
        </li>
      ))}
    </ul>
  )
}
