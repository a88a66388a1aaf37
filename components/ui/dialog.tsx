'use client'

import { clsx } from 'clsx'
import { lazy, Suspense, useState, type ReactNode } from 'react'

export type OverlayProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  children?: ReactNode
  /** Buttons, the primary one last. */
  footer?: ReactNode
  /** Where focus goes when it closes; null: back to what opened it. */
  landing?: (() => HTMLElement | null) | undefined
}

/** A question or a short task in the middle of the page. For create and edit use FormSheet. */
export function Dialog({ size = 'md', ...props }: OverlayProps & { size?: 'md' | 'lg' }) {
  return (
    <Opened
      {...props}
      className={clsx(
        'top-1/2 left-1/2 max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] -translate-x-1/2 -translate-y-1/2 rounded-lg border',
        'data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0',
        size === 'lg' ? 'max-w-180' : 'max-w-120',
      )}
    />
  )
}

/** A surface at the right edge that keeps the page in view; on a phone it takes the whole width. */
export function Sheet({ size = 'md', ...props }: OverlayProps & { size?: 'md' | 'lg' }) {
  return (
    <Opened
      {...props}
      className={clsx(
        'inset-y-0 right-0 h-dvh w-full border-l data-ending-style:translate-x-8 data-ending-style:opacity-0',
        'data-starting-style:translate-x-8 data-starting-style:opacity-0',
        size === 'lg' ? 'max-w-200' : 'max-w-120',
      )}
    />
  )
}

/** Fetched with the first opening, and kept, so that closing can be seen. */
function Opened(props: OverlayProps & { className: string }) {
  const [opened, setOpened] = useState(props.open)
  if (props.open && !opened) setOpened(true)
  if (!opened) return null
  return (
    <Suspense fallback={null}>
      <Overlay {...props} />
    </Suspense>
  )
}

const Overlay = lazy(async () => ({ default: (await import('./overlay')).Overlay }))
