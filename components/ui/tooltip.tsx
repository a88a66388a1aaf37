'use client'

import { Tooltip as Base } from '@base-ui/react/tooltip'
import type { ReactNode } from 'react'
import { clsx } from 'clsx'

type TooltipProps = {
  content: ReactNode
  children: ReactNode
  side?: 'top' | 'right' | 'bottom' | 'left'
  className?: string
}

/** A short remark on hover or focus. It is never the only place of something needed: touch has no hover. */
export function Tooltip({ content, children, side = 'top', className }: TooltipProps) {
  return (
    <Base.Root>
      <Base.Trigger render={<span />} delay={350} className={clsx('inline-flex', className)}>
        {children}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} className="z-50">
          <Base.Popup role="tooltip" className="floating max-w-80 px-2.5 py-1.5 text-xs">
            {content}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
