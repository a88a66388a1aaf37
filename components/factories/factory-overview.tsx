'use client'

import { queryOptions, useQuery } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import Link from 'next/link'
import { LiveProblem } from '@/components/live/live-problem'
import { readJson } from '@/components/live/read-json'
import { RunStatusBadge } from '@/components/runs/run-status'
import { ButtonLink } from '@/components/ui/button'
import { Count } from '@/components/ui/numbers'
import { Panel } from '@/components/ui/panel'
import { Sparkline } from '@/components/ui/chart/sparkline'
import { Stat, StatRow } from '@/components/ui/stat'
import { Elapsed, Time } from '@/components/ui/time'
import type { FactoryOverview as Overview } from '@/lib/factories/overview'
import { formatCount, formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'
import { AttentionList } from './attention-list'
import { StoreMapPanel } from './store-map-panel'

/** A page that is looked at from afar: slower than the two seconds of pages that follow one thing. */
const liveMs = 5_000

function overviewQuery(factory: string) {
  return queryOptions({
    queryKey: ['factory', factory],
    queryFn: ({ signal }) => readJson<Overview>(paths.factoryData(factory), signal),
    refetchInterval: liveMs,
  })
}

/** How a factory stands: its map, numbers, what needs attention, and what ran last. */
export function FactoryOverview({ factory, initial }: { factory: string; initial: Overview }) {
  const { data, error, dataUpdatedAt } = useQuery({ ...overviewQuery(factory), initialData: initial })
  return (
    <>
      <LiveProblem error={error} readAt={dataUpdatedAt} />
      <StoreMapPanel factory={factory} map={data.map} />
      <Numbers factory={factory} overview={data} />
      <Panel title="Needs attention" flush>
        {data.attention.length > 0 ? (
          <AttentionList factory={factory} items={data.attention} />
        ) : (
          <p className="flex items-center gap-2 px-4 py-4 text-fg-muted">
            <CircleCheck aria-hidden className="size-4 text-ok-text" /> Nothing needs you at this moment.
          </p>
        )}
      </Panel>
      <LatestRuns factory={factory} overview={data} />
    </>
  )
}

function Numbers({ factory, overview }: { factory: string; overview: Overview }) {
  const { nodes, runningRuns, lastDay } = overview
  const { hourly } = lastDay
  return (
    <StatRow>
      <Stat
        label="Nodes online"
        value={nodes.online}
        unit={`of ${nodes.total}`}
        href={paths.runtimes(factory)}
      />
      <Stat
        label="Running"
        value={runningRuns}
        unit={runningRuns === 1 ? 'run' : 'runs'}
        note={<Course what="Runs under way per hour" values={hourly.running} />}
        href={paths.runs(factory)}
      />
      <Stat
        label="Rows copied"
        value={<Count value={lastDay.rows} />}
        unit="in 24 h"
        note={<Course what="Rows copied per hour" values={hourly.rows} />}
      />
      <Stat
        label="Failed"
        value={lastDay.failed}
        unit={`of ${formatQuantity(lastDay.failed + lastDay.succeeded, 'run')} in 24 h`}
        note={<Course what="Failed runs per hour" values={hourly.failed} tone="bad" />}
        href={paths.runs(factory, { status: 'Failed', range: '24h' })}
      />
    </StatRow>
  )
}

type CourseProps = { what: string; values: readonly number[]; tone?: 'accent' | 'bad' }

function Course({ what, values, tone = 'accent' }: CourseProps) {
  const most = formatCount(Math.max(...values, 0))
  return <Sparkline label={`${what}, the last 24 hours: ${most} at most`} values={values} tone={tone} />
}

function LatestRuns({ factory, overview }: { factory: string; overview: Overview }) {
  const { latestRuns } = overview
  return (
    <Panel
      title="Latest runs"
      flush
      actions={
        latestRuns.length > 0 ? (
          <ButtonLink size="sm" href={paths.runs(factory)}>
            All runs
          </ButtonLink>
        ) : undefined
      }
    >
      {latestRuns.length === 0 ? (
        <p className="px-4 py-4 text-fg-muted">
          Nothing ran yet.{' '}
          <Link href={paths.copyWizard(factory)} className="text-accent-text underline underline-offset-2">
            Copy data
          </Link>{' '}
          from one store to another to see it here.
        </p>
      ) : (
        <ul>
          {latestRuns.map((run) => (
            <li
              key={run.id}
              className="relative flex flex-wrap items-center gap-x-4 gap-y-0.5 border-b px-4 py-2 text-sm last:border-b-0 hover:bg-hover"
            >
              <Link
                href={paths.run(factory, run.id)}
                className="min-w-40 flex-1 font-medium wrap-anywhere after:absolute after:inset-0"
              >
                {run.pipelineName}
              </Link>
              <RunStatusBadge status={run.status} />
              {/* On a phone a line of its own, however short it is. */}
              <span className="flex basis-full gap-x-4 sm:contents">
                <span className="tabular-nums sm:w-32 sm:text-right">{formatQuantity(run.rows, 'row')}</span>
                <span className="text-fg-muted sm:w-20 sm:text-right">
                  {run.startedAt ? <Elapsed start={run.startedAt} end={run.endedAt} /> : null}
                </span>
                <span className="text-fg-muted sm:w-24 sm:text-right">
                  <Time value={run.queuedAt} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
