import { clsx } from 'clsx'
import { CircleAlert, CircleCheck, CircleX, Info } from 'lucide-react'
import type { ReactNode } from 'react'

type CalloutProps = {
  tone?: 'ok' | 'warn' | 'bad' | 'info'
  title?: ReactNode
  children?: ReactNode
  action?: ReactNode
  /** Read out at once when it appears: for what answers an action. */
  live?: boolean
}

const looks = {
  ok: { box: 'border-ok-border/40 bg-ok-fill', text: 'text-ok-text', icon: <CircleCheck aria-hidden /> },
  warn: {
    box: 'border-warn-border/40 bg-warn-fill',
    text: 'text-warn-text',
    icon: <CircleAlert aria-hidden />,
  },
  bad: { box: 'border-bad-border/40 bg-bad-fill', text: 'text-bad-text', icon: <CircleX aria-hidden /> },
  info: { box: 'border-info-border/40 bg-info-fill', text: 'text-info-text', icon: <Info aria-hidden /> },
}

/** Something to know before going on, in the flow of the page: the present state and the remedy. */
export function Callout({ tone = 'info', title, children, action, live }: CalloutProps) {
  const { box, text, icon } = looks[tone]
  return (
    <div
      role={live ? (tone === 'bad' ? 'alert' : 'status') : undefined}
      className={clsx('flex items-start gap-2.5 rounded-lg border px-3 py-2.5', box)}
    >
      <span className={clsx('mt-0.5 [&>svg]:size-4', text)}>{icon}</span>
      <div className="min-w-0 flex-1 text-sm wrap-anywhere">
        {title ? <p className={clsx('font-medium', text)}>{title}</p> : null}
        {children}
      </div>
      {action ? <div className="shrink-0">{action}</div> : null}
    </div>
  )
}
