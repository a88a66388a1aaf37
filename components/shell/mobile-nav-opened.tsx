'use client'

import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { iconButtonClass } from '@/components/ui/icon-button'
import { Brand } from './brand'
import { Nav } from './nav'

/** A MobileNav from its first opening on. */
export function MobileNavOpened({ trigger }: { trigger: ReactElement }) {
  const [open, setOpen] = useState(true)
  return (
    <Base.Root open={open} onOpenChange={(next) => setOpen(next)}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup className="fixed inset-y-0 left-0 z-30 flex w-70 max-w-[85vw] flex-col border-r bg-canvas shadow-float transition-[translate,opacity] duration-150 ease-move outline-none data-ending-style:-translate-x-8 data-ending-style:opacity-0 data-starting-style:-translate-x-8 data-starting-style:opacity-0">
          <Base.Title className="sr-only">Navigation</Base.Title>
          <div className="flex h-12 items-center justify-between border-b pr-2 pl-4">
            <Brand />
            <Base.Close aria-label="Close navigation" className={iconButtonClass({ variant: 'ghost' })}>
              <X aria-hidden />
            </Base.Close>
          </div>
          <Nav onNavigate={() => setOpen(false)} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
