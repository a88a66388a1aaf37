'use client'

import { Keyboard, Search } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useCallback, useState } from 'react'
import { buttonClass } from '@/components/ui/button'
import { IconButton } from '@/components/ui/icon-button'
import { Kbd } from '@/components/ui/kbd'
import type { ActionResult } from '@/lib/action-result'
import { Breadcrumb } from './breadcrumb'
import { MobileNav } from './mobile-nav'
import { KeyboardHelp, useShortcuts } from './shortcuts'
import { ThemeMenu } from './theme-menu'
import { UserMenu, type ShellUser } from './user-menu'

/** Fetched when first asked for: most pages are left without it. */
const CommandPalette = dynamic(() => import('./command-palette').then((module) => module.CommandPalette), {
  ssr: false,
})

type TopBarProps = { tenant: string; user: ShellUser; signOut: () => Promise<ActionResult<null>> }

/** Where one is, the search, the theme and the person. */
export function TopBar({ tenant, user, signOut }: TopBarProps) {
  const [palette, setPalette] = useState<'unused' | 'open' | 'closed'>('unused')
  const [help, setHelp] = useState(false)
  const openPalette = useCallback(() => setPalette('open'), [])
  const openHelp = useCallback(() => setHelp(true), [])
  useShortcuts({ onSearch: openPalette, onHelp: openHelp })
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-1 border-b bg-canvas px-4 md:px-6">
      <MobileNav />
      <Breadcrumb tenant={tenant} />
      <button
        type="button"
        onClick={openPalette}
        aria-label="Search"
        className={buttonClass({ variant: 'ghost', size: 'sm' }, 'md:border-neutral-7! md:bg-panel!')}
      >
        <Search aria-hidden />
        <span className="hidden md:inline">Search</span>
        <span className="hidden md:inline-flex">
          <Kbd>⌘K</Kbd>
        </span>
      </button>
      <span className="hidden md:inline-flex">
        <IconButton label="Keyboard" icon={<Keyboard aria-hidden />} onClick={openHelp} />
      </span>
      <ThemeMenu />
      <UserMenu user={user} signOut={signOut} />
      {palette === 'unused' ? null : (
        <CommandPalette
          open={palette === 'open'}
          onOpenChange={(open) => setPalette(open ? 'open' : 'closed')}
          onHelp={openHelp}
        />
      )}
      <KeyboardHelp open={help} onOpenChange={setHelp} />
    </header>
  )
}
