'use client'

import { clsx } from 'clsx'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef, type ReactNode } from 'react'

export type Tab = { href: string; label: string; count?: ReactNode }

/** Tabs that are addresses; the one whose path is shown is marked. They scroll sideways where they do not fit. */
export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const pathname = usePathname()
  const current = currentTab(tabs, pathname)
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!current) return
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current])
  return (
    <nav ref={nav} aria-label={label} className="-mb-px overflow-x-auto [scrollbar-width:none]">
      <ul className="flex gap-5">
        {tabs.map((tab) => (
          <li key={tab.href}>
            <Link
              href={tab.href}
              aria-current={tab.href === current ? 'page' : undefined}
              className={clsx(
                'flex h-9 items-center gap-1.5 border-b-2 whitespace-nowrap outline-offset-[-2px]',
                tab.href === current
                  ? 'border-accent-solid font-medium text-fg'
                  : 'border-transparent text-fg-muted hover:border-neutral-7 hover:text-fg',
              )}
            >
              {tab.label}
              {tab.count === undefined ? null : <span className="text-xs text-fg-faint">{tab.count}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** The tab with the longest path that the page's path begins with. */
function currentTab(tabs: readonly Tab[], pathname: string): string | undefined {
  return tabs
    .map((tab) => tab.href)
    .filter((href) => pathname === href || pathname.startsWith(`${href}/`))
    .toSorted((a, b) => b.length - a.length)[0]
}
