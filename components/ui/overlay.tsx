'use client'

import { Dialog as Base } from '@base-ui/react/dialog'
import { clsx } from 'clsx'
import { X } from 'lucide-react'
import { useRef } from 'react'
import type { OverlayProps } from './dialog'
import { iconButtonClass } from './icon-button'
import { land } from './land'

/** A Dialog or a Sheet from its first opening on. */
export function Overlay({
  open,
  onOpenChange,
  className,
  landing,
  ...content
}: OverlayProps & { className: string }) {
  const popup = useRef<HTMLDivElement>(null)
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          ref={popup}
          initialFocus={() => firstControl(popup.current) ?? true}
          finalFocus={() => land(landing?.())}
          className={clsx(
            'fixed z-30 flex flex-col bg-raised text-fg shadow-float outline-none',
            'transition-[translate,scale,opacity] duration-150 ease-move',
            className,
          )}
        >
          <OverlayContent {...content} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** Typing can begin at once, except where that would throw a keyboard over the text; `data-autofocus` asks for the focus. */
function firstControl(popup: HTMLElement | null): HTMLElement | null {
  const asking = popup?.querySelector<HTMLElement>('[data-autofocus]')
  if (asking || matchMedia('(pointer: coarse)').matches) return asking ?? null
  return popup?.querySelector('[data-overlay-body] :is(input, textarea, select):not(:disabled)') ?? null
}

type ContentProps = Pick<OverlayProps, 'title' | 'description' | 'children' | 'footer'>

function OverlayContent({ title, description, children, footer }: ContentProps) {
  return (
    <>
      <header className={clsx('flex items-start gap-4 px-5 py-3.5', children && 'border-b')}>
        <div className="min-w-0 flex-1">
          <Base.Title className="text-lg font-semibold wrap-anywhere">{title}</Base.Title>
          {description ? (
            <Base.Description className="mt-0.5 text-fg-muted">{description}</Base.Description>
          ) : null}
        </div>
        <Base.Close
          aria-label="Close"
          className={iconButtonClass({ variant: 'ghost', size: 'sm' }, '-mr-1.5')}
        >
          <X aria-hidden />
        </Base.Close>
      </header>
      {children ? (
        <div data-overlay-body className="min-h-0 flex-1 overflow-y-auto p-5">
          {children}
        </div>
      ) : null}
      {footer ? (
        <footer className="flex flex-wrap items-center justify-end gap-2 border-t px-5 py-3">{footer}</footer>
      ) : null}
    </>
  )
}
