'use client'

import Link from 'next/link'
import { Freshness } from '@/components/ui/freshness'
import { Panel } from '@/components/ui/panel'
import { Progress } from '@/components/ui/progress'
import { Stat, StatRow } from '@/components/ui/stat'
import { Elapsed, Time } from '@/components/ui/time'
import { formatBytes, formatPercent, formatQuantity } from '@/lib/format'
import type { NodeView } from '@/lib/nodes/queries'
import type { NodeTask } from '@/lib/nodes/read'
import { paths } from '@/lib/paths'
import { NodeSlots } from './nodes-table'

/** Numbers older than this are not live: a node is heard at least every 24 s. */
const staleAfterMs = 30_000

/** What the node does at this moment, and what it costs the machine. */
export function NodeTasks({ factory, node }: { factory: string; node: NodeView }) {
  const { tasks, measuredAt, lastSeenAt } = node
  return (
    <>
      {measuredAt ? (
        <Freshness at={measuredAt} staleAfterMs={staleAfterMs}>
          <Resources node={node} />
        </Freshness>
      ) : (
        <Resources node={node} />
      )}
      <Panel title="Current tasks" actions={<NodeSlots node={node} />} flush>
        {tasks.length === 0 ? (
          <p className="px-4 py-4 text-fg-muted">{idleWords(node)}</p>
        ) : (
          <ul>
            {tasks.map((task) => (
              <Task key={task.id} factory={factory} task={task} lastSeenAt={lastSeenAt} />
            ))}
          </ul>
        )}
      </Panel>
    </>
  )
}

function Resources({ node }: { node: NodeView }) {
  const { resources, tasks, slotsTotal } = node
  const used = tasks.filter(({ interactive }) => !interactive).length
  return (
    <StatRow>
      <Stat label="Slots used" value={used} note={`of ${slotsTotal}`} />
      <Stat
        label="CPU"
        value={resources ? formatPercent(resources.cpuPercent / 100) : '–'}
        note="of the machine"
      />
      <Stat
        label="Memory"
        value={resources ? formatBytes(resources.memoryUsedBytes) : '–'}
        note={resources ? `of ${formatBytes(resources.memoryTotalBytes)}` : undefined}
      />
      <Stat
        label="Agent’s memory"
        value={resources ? formatBytes(resources.agentMemoryBytes) : '–'}
        note="with its copies"
      />
    </StatRow>
  )
}

type TaskProps = { factory: string; task: NodeTask; lastSeenAt: string | null }

function Task({ factory, task, lastSeenAt }: TaskProps) {
  const { label, pipelineRunId, progress, startedAt, attempt, movesAt } = task
  return (
    <li className="flex flex-col gap-1.5 border-b px-4 py-2.5 text-sm last:border-b-0">
      <div className="flex flex-wrap items-baseline gap-x-4">
        <span className="min-w-0 flex-1 font-medium wrap-anywhere">
          {pipelineRunId ? (
            <Link href={paths.run(factory, pipelineRunId)} className="hover:underline">
              {label}
            </Link>
          ) : (
            label
          )}
        </span>
        {attempt > 1 ? <span className="text-fg-muted">attempt {attempt}</span> : null}
        <span className="text-fg-muted">
          {startedAt ? <Elapsed start={startedAt} /> : 'taken, not begun'}
        </span>
      </div>
      {progress ? (
        <Progress label={`${label}: progress`} value={share(task)} size="sm" detail={counted(task)} />
      ) : null}
      {movesAt && lastSeenAt ? (
        <p className="text-warn-text">
          Last heard <Time value={lastSeenAt} />. Unless it is heard before, its lease ends{' '}
          <Time value={movesAt} />, and any node of the runtime may take the task over.
        </p>
      ) : null}
    </li>
  )
}

function share({ progress }: NodeTask): number | null {
  if (!progress) return null
  const { rows, totalRows, bytes, totalBytes } = progress
  if (totalRows && totalRows !== '0') return Math.min(1, Number(rows) / Number(totalRows))
  if (totalBytes && totalBytes !== '0') return Math.min(1, Number(bytes) / Number(totalBytes))
  return null
}

function counted({ progress }: NodeTask): string {
  if (!progress) return ''
  return `${progress.phase} · ${formatQuantity(progress.rows, 'row')} · ${formatBytes(progress.bytes)}`
}

function idleWords({ state, wish }: NodeView): string {
  if (state !== 'Online') return 'It holds no task.'
  return wish === 'active'
    ? 'It holds no task, and takes the next one.'
    : 'It holds no task, and takes none while it is cordoned.'
}
