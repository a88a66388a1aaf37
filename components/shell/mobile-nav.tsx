'use client'

import { Menu } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { iconButtonClass } from '@/components/ui/icon-button'
import { OnPress } from '@/components/ui/on-press'

const load = () => import('./mobile-nav-opened')
const MobileNavOpened = lazy(async () => ({ default: (await load()).MobileNavOpened }))

/** The rail of a small screen: a sheet from the left behind a button. */
export function MobileNav() {
  const trigger = (
    <button
      type="button"
      aria-label="Open navigation"
      className={iconButtonClass({ variant: 'ghost' }, '-ml-2 md:hidden!')}
    >
      <Menu aria-hidden />
    </button>
  )
  return (
    <OnPress trigger={trigger} popup="dialog" preload={load}>
      {() => (
        <Suspense fallback={trigger}>
          <MobileNavOpened trigger={trigger} />
        </Suspense>
      )}
    </OnPress>
  )
}
