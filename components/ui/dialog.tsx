'use client'

import { Dialog as Base } from '@base-ui/react/dialog'
import { clsx } from 'clsx'
import { X } from 'lucide-react'
import { useRef, type ReactNode } from 'react'
import { iconButtonClass } from './icon-button'

export type OverlayProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  children?: ReactNode
  /** Buttons, the primary one last. */
  footer?: ReactNode
}

/** A question or a short task in the middle of the page. For create and edit use FormSheet. */
export function Dialog({ size = 'md', ...props }: OverlayProps & { size?: 'md' | 'lg' }) {
  return (
    <Overlay
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
    <Overlay
      {...props}
      className={clsx(
        'inset-y-0 right-0 h-dvh w-full border-l data-ending-style:translate-x-8 data-ending-style:opacity-0',
        'data-starting-style:translate-x-8 data-starting-style:opacity-0',
        size === 'lg' ? 'max-w-200' : 'max-w-120',
      )}
    />
  )
}

function Overlay({ open, onOpenChange, className, ...content }: OverlayProps & { className: string }) {
  const popup = useRef<HTMLDivElement>(null)
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          ref={popup}
          initialFocus={(how) => (how === 'touch' ? true : (firstControl(popup.current) ?? true))}
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

/** Typing can begin at once; on touch that would throw the keyboard over the text. `data-autofocus` asks for the focus. */
function firstControl(popup: HTMLElement | null): HTMLElement | null {
  const asking = popup?.querySelector<HTMLElement>('[data-autofocus]')
  if (asking) return asking
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
