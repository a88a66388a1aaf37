'use client'

import { Popover as Base } from '@base-ui/react/popover'
import { useId, type ReactNode } from 'react'

type RefusedButtonProps = {
  reason: string
  className: string
  children: ReactNode
  label?: string | undefined
}

/** A button that cannot act now: hovering, focusing or pressing it says why. */
export function RefusedButton({ reason, className, children, label }: RefusedButtonProps) {
  const reasonId = useId()
  return (
    <>
      <Base.Root>
        <Base.Trigger
          openOnHover
          delay={200}
          className={className}
          aria-disabled
          aria-label={label}
          aria-describedby={reasonId}
        >
          {children}
        </Base.Trigger>
        <Base.Portal>
          <Base.Positioner sideOffset={6} collisionPadding={8} className="z-50">
            <Base.Popup aria-label="Why not" className="floating max-w-80 px-2.5 py-1.5 text-xs">
              {reason}
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
      <span id={reasonId} hidden>
        {reason}
      </span>
    </>
  )
}
