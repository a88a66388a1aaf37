'use client'

import { clsx } from 'clsx'
import { Download } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Switch } from '@/components/ui/choice'
import { buttonClass } from '@/components/ui/button'
import { Panel } from '@/components/ui/panel'
import { Select } from '@/components/ui/select'
import { useHydrated } from '@/components/ui/use-hydrated'
import { formatClock } from '@/lib/format'
import { paths } from '@/lib/paths'
import type { RunLogLine } from '@/lib/runs/read/read-log'
import type { RunDetail } from '@/lib/runs/read/run-detail'
import type { LogLevel } from '@/lib/runs/schemas'
import { logLevelOf } from './run-address'

type RunLogProps = { run: RunDetail; level: LogLevel; onLevel: (level: LogLevel) => void }

const levelWords: Record<LogLevel, string> = {
  debug: 'Everything',
  info: 'Information and above',
  warn: 'Warnings and errors',
  error: 'Errors only',
}
const levelOptions = Object.entries(levelWords).map(([value, label]) => ({ value, label }))

/** What nodes and portal said of the run; it stays at its end while it is followed. */
export function RunLog({ run, level, onLevel }: RunLogProps) {
  const [follow, setFollow] = useState(true)
  const box = useFollowed(run.log.at(-1)?.id, follow)
  return (
    <Panel
      title="Log"
      actions={
        <>
          <Select
            aria-label="Level"
            className="w-auto! min-w-44"
            options={levelOptions}
            value={level}
            onChange={(event) => onLevel(logLevelOf(event.target.value))}
          />
          <Switch label="Follow" checked={follow} onChange={(event) => setFollow(event.target.checked)} />
          <a href={paths.runLog(run.id)} download={`run-${run.id}-log.json`} className={buttonClass({})}>
            <Download aria-hidden />
            Download log
          </a>
        </>
      }
    >
      {run.log.length === 0 ? (
        <p className="text-sm text-fg-muted">
          Nothing was said at this level.
          {level === 'debug' ? '' : ` “${levelWords.debug}” shows the nodes' small steps too.`}
        </p>
      ) : (
        <div
          ref={box}
          role="log"
          aria-label="Log of the run"
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
          tabIndex={0}
          className="max-h-80 overflow-auto rounded-md border bg-canvas py-1 font-mono text-xs leading-5"
        >
          {run.log.map((line) => (
            <Line key={line.id} line={line} several={run.activities.length > 1} />
          ))}
        </div>
      )}
    </Panel>
  )
}

const tones: Record<LogLevel, string> = {
  debug: 'text-fg-muted',
  info: 'text-fg',
  warn: 'text-warn-text',
  error: 'text-bad-text',
}

function Line({ line, several }: { line: RunLogLine; several: boolean }) {
  const hydrated = useHydrated()
  const at = new Date(line.at)
  return (
    <p className={clsx('px-3 wrap-anywhere whitespace-pre-wrap', tones[line.level])}>
      <time dateTime={line.at} className="text-fg-muted" title={line.at}>
        {hydrated ? formatClock(at) : formatClock(at, 'UTC')}
      </time>{' '}
      <span className="inline-block w-10">{line.level}</span>{' '}
      {several ? <span className="text-fg-muted">[{line.activity}] </span> : null}
      {line.nodeName ? <span className="text-fg-muted">{line.nodeName}: </span> : null}
      {line.message}
    </p>
  )
}

function useFollowed(lastId: number | undefined, follow: boolean) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (follow && lastId !== undefined) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [lastId, follow])
  return box
}
