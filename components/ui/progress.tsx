import { clsx } from 'clsx'
import { formatPercent } from '@/lib/format'

type ProgressProps = {
  /** What advances, for a screen reader: "Rows of flights". */
  label: string
  /** From 0 to 1; null while the whole is not known. */
  value: number | null
  /** Said below the bar: rows, bytes, rate, time left. */
  detail?: React.ReactNode
  tone?: 'accent' | 'ok' | 'warn' | 'bad' | 'neutral'
  size?: 'sm' | 'md'
}

const tones = {
  accent: 'text-accent-solid',
  ok: 'text-ok-border',
  warn: 'text-warn-border',
  bad: 'text-bad-border',
  neutral: 'text-neutral-9',
}

/** How far something is, with the percentage beside the bar. */
export function Progress({ label, value, detail, tone = 'accent', size = 'md' }: ProgressProps) {
  const percent = value === null ? null : formatPercent(value)
  return (
    <div className="min-w-0">
      <div className="flex items-center gap-3">
        <progress
          aria-label={label}
          aria-valuetext={percent ?? 'Size not known yet'}
          value={value === null ? undefined : Math.min(1, Math.max(0, value))}
          className={clsx('progress-bar min-w-0 flex-1', size === 'sm' ? 'h-1' : 'h-2', tones[tone])}
        />
        <span className="w-11 shrink-0 text-right text-sm tabular-nums">{percent ?? '–'}</span>
      </div>
      {detail ? <div className="mt-1 text-sm text-fg-muted tabular-nums">{detail}</div> : null}
    </div>
  )
}
