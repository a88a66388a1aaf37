'use client'

import { clsx } from 'clsx'
import { ArrowRight, CircleAlert, Info, TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import { Badge } from '@/components/ui/badge'
import { Input } from '@/components/ui/input'
import { Select } from '@/components/ui/select'
import type { ConversionMark } from '@/lib/protocol/conversions'
import type { MappingRow } from '@/lib/copy-wizard/draft'
import type { MappingLine, MappingSink } from '@/lib/copy-wizard/mapping'

type MappingRowEditorProps = {
  line: MappingLine
  sink: MappingSink
  onChange: (values: Partial<MappingRow>) => void
}

/** One column: in or out, under which name, as which type, and what that does to its values. */
export const MappingRowEditor = memo(function MappingRowEditor({
  line,
  sink,
  onChange,
}: MappingRowEditorProps) {
  return (
    <li
      className={clsx(
        'grid items-center gap-x-3 gap-y-1.5 border-b px-4 py-2 text-sm last:border-b-0',
        'md:grid-cols-[minmax(0,1fr)_16px_minmax(0,1fr)_minmax(0,1fr)]',
      )}
    >
      <label className="flex min-w-0 items-center gap-2">
        <input
          type="checkbox"
          aria-label={`Copy column ${line.source}`}
          checked={line.include}
          onChange={(event) => onChange({ include: event.target.checked, ...nameFor(line, sink) })}
          className="choice-check mt-0 grid size-4 shrink-0 appearance-none place-content-center rounded-sm border border-line-strong bg-panel checked:border-accent-solid checked:bg-accent-solid"
        />
        <span className="min-w-0 flex-1">
          <span className={clsx('wrap-anywhere', !line.include && 'text-fg-muted')}>
            {line.source || '(no name)'}
          </span>
          <span className="block font-mono text-xs text-fg-muted">{line.sourceType}</span>
        </span>
        {line.isKey ? <Badge tone="info">key</Badge> : null}
      </label>
      <ArrowRight aria-hidden className="hidden size-4 text-fg-faint md:block" />
      {line.include ? <Counterpart line={line} sink={sink} onChange={onChange} /> : <Mark mark={line.mark} />}
    </li>
  )
})

function Counterpart({ line, sink, onChange }: MappingRowEditorProps) {
  const invalid = line.problem ? (true as const) : undefined
  return (
    <>
      {sink.kind === 'existing' ? (
        <Select
          aria-label={`Sink column of ${line.source}`}
          aria-invalid={invalid}
          placeholder="Choose a column"
          value={sink.columns.some(({ name }) => name === line.sink) ? line.sink : ''}
          options={sink.columns.map(({ name }) => ({ value: name, label: name }))}
          onChange={(event) => onChange({ sink: event.target.value })}
        />
      ) : (
        <Input
          aria-label={`Sink name of ${line.source}`}
          aria-invalid={invalid}
          spellCheck={false}
          value={line.sink}
          onChange={(event) => onChange({ sink: event.target.value })}
        />
      )}
      <div className="min-w-0">
        {sink.kind === 'existing' ? (
          <span className="block py-1.5 font-mono text-xs text-fg-muted">{line.effectiveType || '–'}</span>
        ) : (
          <Input
            mono
            aria-label={`Sink type of ${line.source}`}
            spellCheck={false}
            placeholder={line.effectiveType || 'natural type'}
            value={line.sinkType}
            onChange={(event) => onChange({ sinkType: event.target.value })}
          />
        )}
      </div>
      {line.problem || line.mark ? (
        <div className="md:col-span-2 md:col-start-3">
          {line.problem ? <Problem text={line.problem} /> : <Mark mark={line.mark} />}
        </div>
      ) : null}
    </>
  )
}

/** A column that is taken in again needs a counterpart to begin with. */
function nameFor(line: MappingLine, sink: MappingSink): Partial<MappingRow> {
  if (line.include || line.sink) return {}
  return sink.kind === 'existing' ? {} : { sink: line.source }
}

const marks = {
  loses: { icon: <TriangleAlert aria-hidden />, tone: 'text-warn-text', word: 'Loses: ' },
  mayStop: { icon: <CircleAlert aria-hidden />, tone: 'text-fg-muted', word: '' },
  note: { icon: <Info aria-hidden />, tone: 'text-fg-muted', word: '' },
} as const satisfies Record<ConversionMark['level'], unknown>

function Mark({ mark }: { mark: ConversionMark | null }) {
  if (!mark) return null
  const { icon, tone, word } = marks[mark.level]
  return (
    <span
      className={clsx(
        'flex items-start gap-1.5 text-xs [&>svg]:mt-px [&>svg]:size-3.5 [&>svg]:shrink-0',
        tone,
      )}
    >
      {icon}
      <span>
        {mark.text.startsWith('left out') ? '' : word}
        {mark.text}
      </span>
    </span>
  )
}

function Problem({ text }: { text: string }) {
  return (
    <span className="flex items-start gap-1.5 text-xs text-bad-text [&>svg]:mt-px [&>svg]:size-3.5 [&>svg]:shrink-0">
      <CircleAlert aria-hidden />
      {text}
    </span>
  )
}
