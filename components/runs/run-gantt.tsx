'use client'

import { clsx } from 'clsx'
import { Panel } from '@/components/ui/panel'
import { type Hue, hueClasses } from '@/components/ui/chart/series'
import { formatDuration } from '@/lib/format'
import type { RunDetail } from '@/lib/runs/read/run-detail'
import { type GanttBar, type GanttRow, ganttOf, ganttTicks } from './gantt-rows'
import { NodeName, useKnownNodes } from './node-name'

type RunGanttProps = { run: RunDetail; onShow: (activity: string) => void }

/** When each step ran and on which node. What it shows stands as numbers in the table of parts too. */
export function RunGantt({ run, onShow }: RunGanttProps) {
  const gantt = ganttOf(run, Date.parse(run.at))
  const length = gantt.toMs - gantt.fromMs
  const used = [...new Set(gantt.rows.flatMap(({ bars }) => bars.flatMap(({ nodeId }) => nodeId ?? [])))]
  if (gantt.rows.every(({ bars }) => bars.length === 0)) return null
  return (
    <Panel
      title="Timeline"
      description="Each bar is a step or part on one node. A pale bar was stopped; a crossed one failed or lost its node."
      actions={used.map((id) => (
        <span key={id} className="max-w-full min-w-0 text-sm">
          <NodeName nodeId={id} />
        </span>
      ))}
    >
      <section
        aria-label="Timeline of steps and parts"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-96 overflow-y-auto"
      >
        <ol className="grid grid-cols-[minmax(116px,26%)_1fr] items-center gap-x-3 gap-y-0.5 text-xs md:grid-cols-[240px_1fr]">
          {gantt.rows.map((row) => (
            <Row key={row.key} row={row} fromMs={gantt.fromMs} length={length} onShow={onShow} />
          ))}
          <li aria-hidden className="sticky bottom-0 col-span-2 grid grid-cols-subgrid bg-panel pt-1">
            <Axis length={length} />
          </li>
        </ol>
      </section>
    </Panel>
  )
}

type RowProps = { row: GanttRow; fromMs: number; length: number; onShow: (activity: string) => void }

function Row({ row, fromMs, length, onShow }: RowProps) {
  return (
    <li className="col-span-2 grid h-5 grid-cols-subgrid items-center">
      {row.level === 'activity' ? (
        <button
          type="button"
          className="truncate text-left font-medium hover:underline"
          onClick={() => onShow(row.label)}
        >
          {row.label}
        </button>
      ) : (
        <span className="truncate text-fg-muted" title={row.label}>
          {row.label}
        </span>
      )}
      <svg
        role="img"
        aria-label={row.bars.map(({ says }) => says).join('; ') || 'Not begun'}
        className="h-4 w-full rounded-sm bg-neutral-2"
      >
        {row.bars.map((bar) => (
          <Bar key={bar.key} bar={bar} percent={(ms) => ((ms - fromMs) / length) * 100} />
        ))}
      </svg>
    </li>
  )
}

/** Narrower than this share of the track a bar cannot be seen. */
const narrowestPercent = 0.4

function Bar({ bar, percent }: { bar: GanttBar; percent: (ms: number) => number }) {
  const { hues } = useKnownNodes()
  const hue = bar.nodeId === null ? undefined : hues.get(bar.nodeId)
  const x = Math.min(percent(bar.fromMs), 100 - narrowestPercent)
  const width = Math.max(narrowestPercent, percent(bar.toMs) - x)
  return (
    <g>
      <title>{bar.says}</title>
      <rect
        x={`${x}%`}
        y={2}
        width={`${width}%`}
        height={12}
        rx={2}
        className={clsx(
          fillOf(hue),
          (bar.broken || bar.cut) && 'opacity-40',
          bar.open && 'motion-safe:animate-pulse',
        )}
      />
      {bar.broken ? (
        <line x1={`${x}%`} x2={`${x + width}%`} y1={8} y2={8} className="stroke-bad-text" strokeWidth={2} />
      ) : null}
    </g>
  )
}

function fillOf(hue: Hue | undefined): string {
  return hue ? hueClasses[hue].fill : 'fill-neutral-8'
}

/** Labels at the ends stay within the track. */
function anchorOf(share: number): 'start' | 'middle' | 'end' {
  if (share < 0.03) return 'start'
  return share > 0.97 ? 'end' : 'middle'
}

function Axis({ length }: { length: number }) {
  return (
    <svg className="col-start-2 h-5 w-full overflow-visible">
      {ganttTicks(length).map((ms, index) => {
        const x = `${(ms / length) * 100}%`
        return (
          <g key={ms}>
            <line x1={x} x2={x} y1={0} y2={4} className="stroke-neutral-7" />
            <text
              x={x}
              y={16}
              textAnchor={anchorOf(ms / length)}
              // A phone has room for every other time.
              className={clsx('fill-fg-muted text-xs', index % 2 === 1 && 'max-md:hidden')}
            >
              {ms === 0 ? '0' : formatDuration(ms)}
            </text>
          </g>
        )
      })}
    </svg>
  )
}
