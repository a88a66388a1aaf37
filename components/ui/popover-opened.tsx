'use client'

import { Popover as Base } from '@base-ui/react/popover'
import { clsx } from 'clsx'
import type { PopoverProps } from './popover'

/** A Popover from its first opening on. */
export function PopoverOpened({ trigger, label, children, align = 'start', className }: PopoverProps) {
  return (
    <Base.Root defaultOpen>
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
