import { clsx } from 'clsx'
import { CircleAlert, CircleCheck, CircleDashed, CircleX, Clock, Info, Pause } from 'lucide-react'
import type { ReactNode } from 'react'
import { Spinner } from './spinner'

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'neutral'

const toneClasses: Record<Tone, string> = {
  ok: 'bg-ok-fill text-ok-text',
  warn: 'bg-warn-fill text-warn-text',
  bad: 'bg-bad-fill text-bad-text',
  info: 'bg-info-fill text-info-text',
  neutral: 'bg-neutral-3 text-fg-muted',
}

/** A small label: a kind, a tag, a version. For a state use StateBadge. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={clsx(
        'inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap',
        toneClasses[tone],
      )}
    >
      {children}
    </span>
  )
}

/** How a state stands: the colour and the icon that come with the word. */
export type Standing = 'ok' | 'warn' | 'bad' | 'info' | 'busy' | 'waiting' | 'paused' | 'off'

const standings: Record<Standing, { icon: ReactNode; text: string }> = {
  ok: { icon: <CircleCheck aria-hidden />, text: 'text-ok-text' },
  warn: { icon: <CircleAlert aria-hidden />, text: 'text-warn-text' },
  bad: { icon: <CircleX aria-hidden />, text: 'text-bad-text' },
  info: { icon: <Info aria-hidden />, text: 'text-info-text' },
  busy: { icon: <Spinner />, text: 'text-info-text' },
  waiting: { icon: <Clock aria-hidden />, text: 'text-fg-muted' },
  paused: { icon: <Pause aria-hidden />, text: 'text-fg-muted' },
  off: { icon: <CircleDashed aria-hidden />, text: 'text-fg-muted' },
}

/** A state as icon, word and colour, never colour alone. To explain it, give it to WhyPopover. */
export function StateBadge({ standing, children }: { standing: Standing; children: ReactNode }) {
  const { icon, text } = standings[standing]
  return (
    <span
      className={clsx(
        'inline-flex items-center gap-1.5 align-top font-medium whitespace-nowrap [&>svg]:size-4 [&>svg]:shrink-0',
        text,
      )}
    >
      {icon}
      {children}
    </span>
  )
}
