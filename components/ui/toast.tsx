'use client'

import { CircleAlert, CircleCheck, CircleX, Info, X } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { iconButtonClass } from './icon-button'

type ToastTone = 'ok' | 'warn' | 'bad' | 'info'
type ToastItem = { id: number; tone: ToastTone; title: string; description: string | undefined }

/** Good news leaves by itself; a failure stays until it is closed. */
const lingerMs = 6_000
/** Older ones give way. */
const mostShown = 4

let items: readonly ToastItem[] = []
let lastId = 0
const listeners = new Set<() => void>()

function change(next: readonly ToastItem[]) {
  items = next
  for (const listener of listeners) listener()
}

function say(tone: ToastTone, title: string, description?: string) {
  lastId += 1
  change([...items, { id: lastId, tone, title, description }].slice(-mostShown))
}

/** Says what has happened, from anywhere on the client: `toast.ok('Factory created')`. Not for what a form can show in place. */
export const toast = {
  ok: (title: string, description?: string) => say('ok', title, description),
  warn: (title: string, description?: string) => say('warn', title, description),
  bad: (title: string, description?: string) => say('bad', title, description),
  info: (title: string, description?: string) => say('info', title, description),
}

const icons: Record<ToastTone, ReactNode> = {
  ok: <CircleCheck aria-hidden className="text-ok-text" />,
  warn: <CircleAlert aria-hidden className="text-warn-text" />,
  bad: <CircleX aria-hidden className="text-bad-text" />,
  info: <Info aria-hidden className="text-info-text" />,
}

const none: readonly ToastItem[] = []

/** Where toasts appear; once, in the providers. The region is always there, so that the first one is read out too. */
export function Toaster() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => items,
    () => none,
  )
  return (
    <section
      aria-label="Notifications"
      aria-live="polite"
      className="fixed right-4 bottom-4 z-50 flex w-[min(380px,calc(100vw-32px))] flex-col gap-2"
    >
      {shown.map((item) => (
        <Notice key={item.id} item={item} />
      ))}
    </section>
  )
}

function Notice({ item }: { item: ToastItem }) {
  const { id, tone, title, description } = item
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (tone === 'bad' || held) return
    const timer = setTimeout(() => dismiss(id), lingerMs)
    return () => clearTimeout(timer)
  }, [id, tone, held])
  return (
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="floating flex items-start gap-2.5 p-3 starting:translate-y-2 starting:opacity-0"
    >
      <span className="mt-0.5 [&>svg]:size-4">{icons[tone]}</span>
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p className="font-medium">{title}</p>
        {description ? <p className="text-sm text-fg-muted">{description}</p> : null}
      </div>
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => dismiss(id)}
        className={iconButtonClass({ variant: 'ghost', size: 'sm' }, '-m-1')}
      >
        <X aria-hidden />
      </button>
    </div>
  )
}

function dismiss(id: number) {
  change(items.filter((item) => item.id !== id))
}
