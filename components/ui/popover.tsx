'use client'

import { Popover as Base } from '@base-ui/react/popover'
import type { ReactElement, ReactNode } from 'react'
import { clsx } from 'clsx'

type PopoverProps = {
  /** The button that opens it. */
  trigger: ReactElement
  /** Names the popover for a screen reader. */
  label: string
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  className?: string
}

/** A small surface beside its button, opened by press; it closes on Escape and on a press outside. */
export function Popover({ trigger, label, children, align = 'start', className }: PopoverProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={6} collisionPadding={8} className="z-40">
          <Base.Popup
            aria-label={label}
            className={clsx('floating max-w-[min(420px,calc(100vw-16px))] p-4', className)}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
