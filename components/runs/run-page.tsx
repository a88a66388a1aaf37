'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { usePathname, useSearchParams } from 'next/navigation'
import { LiveProblem } from '@/components/live/live-problem'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { CodeBlock } from '@/components/ui/code-block'
import { Panel } from '@/components/ui/panel'
import { Elapsed, Time } from '@/components/ui/time'
import { paths, withQuery } from '@/lib/paths'
import type { RunDetail } from '@/lib/runs/read/run-detail'
import type { RunView } from '@/lib/runs/schemas'
import type { Phrase } from '@/lib/runs/read/sentence'
import { NodesOfRun } from './node-name'
import { runQuery } from './query-options'
import { viewOf } from './run-address'
import { RunActions, type RunRights } from './run-actions'
import { RunEnd } from './run-end'
import { RunFailures } from './run-failure'
import { RunGantt } from './run-gantt'
import { RunLog } from './run-log'
import { RunParts } from './run-parts'
import { RunProgress } from './run-progress'
import { RunReceipts } from './run-receipt'
import { RunStatusBadge } from './run-status'
import { RunThroughput } from './run-throughput'

type RunPageProps = { initial: RunDetail; initialView: RunView; rights: RunRights }

/** A run told from its sentence down to its log; one answer every two seconds keeps it up to date. */
export function RunPage({ initial, initialView, rights }: RunPageProps) {
  const { view, show } = useView()
  const isInitial =
    view.activity === initialView.activity &&
    view.parts === initialView.parts &&
    view.level === initialView.level
  const { data, error, dataUpdatedAt } = useQuery({
    ...runQuery(initial.id, view),
    ...(isInitial ? { initialData: initial } : {}),
    placeholderData: keepPreviousData,
  })
  const run = data ?? initial
  return (
    <NodesOfRun nodes={run.nodes}>
      <PageHeader
        title={<Sentence phrases={run.sentence} />}
        state={<State run={run} />}
        actions={<RunActions run={run} rights={rights} />}
      />
      <PageBody>
        <RunEnd run={run} />
        <LiveProblem error={error} readAt={dataUpdatedAt} />
        <RunFailures run={run} />
        <RunProgress run={run} />
        <RunThroughput run={run} />
        <RunGantt run={run} onShow={(activity) => show({ activity, parts: 0 })} />
        <RunParts run={run} onPage={(parts) => show({ parts })} />
        <RunReceipts run={run} />
        <RunLog run={run} level={view.level} onLevel={(level) => show({ level })} />
        <Panel
          title="Definition"
          description="The pipeline as it was when this run began; what was changed later does not count for it."
        >
          <CodeBlock label="Definition of this run" code={JSON.stringify(run.definition, null, 2)} />
        </Panel>
      </PageBody>
    </NodesOfRun>
  )
}

function Sentence({ phrases }: { phrases: readonly Phrase[] }) {
  return phrases.map(({ text, name }, index) =>
    name ? (
      // oxlint-disable-next-line react/no-array-index-key -- words of a sentence have their places
      <em key={index}>{text}</em>
    ) : (
      unbroken(text)
    ),
  )
}

/** A figure stays with its unit: "1.5 s" does not end a line after its number. */
function unbroken(text: string): string {
  return text.replaceAll(/(\d) (ms|s|m|h|d)\b/g, '$1\u00a0$2')
}

const link = 'text-accent-text underline underline-offset-2'

function State({ run }: { run: RunDetail }) {
  return (
    <>
      <RunStatusBadge status={run.status} />
      <span className="text-fg-muted">
        Run of{' '}
        {run.pipelineId ? (
          <Link href={paths.pipeline(run.factoryName, run.pipelineName)} className={link}>
            {run.pipelineName}
          </Link>
        ) : (
          run.pipelineName
        )}
      </span>
      <span className="text-fg-muted">
        asked by {run.invokedBy.name} <Time value={run.queuedAt} />
      </span>
      {run.invokedBy.runId ? (
        <Link href={paths.run(run.factoryName, run.invokedBy.runId)} className={link}>
          instead of an earlier run
        </Link>
      ) : null}
      <Cancellation run={run} />
      {run.startedAt ? (
        <span className="text-fg-muted">
          {run.endedAt ? 'took' : 'running for'} <Elapsed start={run.startedAt} end={run.endedAt} />
        </span>
      ) : null}
    </>
  )
}

/** Somebody may have asked in vain: what was being published already has finished. */
function Cancellation({ run: { cancelledBy, cancelRequestedAt, status } }: { run: RunDetail }) {
  if (cancelledBy === null || cancelRequestedAt === null) return null
  return (
    <span className="text-fg-muted">
      {status === 'Cancelled' ? 'cancelled by' : 'asked to stop by'} {cancelledBy}{' '}
      <Time value={cancelRequestedAt} />
    </span>
  )
}

/** What of the run is shown lives in the address, without asking the server for the page again. */
function useView(): { view: RunView; show: (change: Partial<RunView>) => void } {
  const search = useSearchParams()
  const pathname = usePathname()
  const view = viewOf(search)
  const show = (change: Partial<RunView>) =>
    window.history.replaceState(null, '', withQuery(pathname, { ...view, ...change }))
  return { view, show }
}
