'use client'

import { ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { paths } from '@/lib/paths'
import { trailOf } from './trail'

/** Tenant ▸ factory ▸ area ▸ thing, read from the address. On a phone only the last step stays. */
export function Breadcrumb({ tenant }: { tenant: string }) {
  const crumbs = [{ label: tenant, href: paths.factories() }, ...trailOf(usePathname())]
  return (
    <nav aria-label="Breadcrumb" className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1 text-sm">
        {crumbs.map(({ label, href }, index) => {
          const last = index === crumbs.length - 1
          return (
            <li
              key={href + label}
              className={
                last ? 'flex min-w-0 items-center gap-1' : 'hidden min-w-0 items-center gap-1 md:flex'
              }
            >
              {index > 0 ? (
                <ChevronRight aria-hidden className="hidden size-3.5 shrink-0 text-fg-faint md:block" />
              ) : null}
              <Link
                href={href}
                aria-current={last ? 'location' : undefined}
                className={
                  last ? 'truncate rounded-sm font-medium' : 'truncate rounded-sm text-fg-muted hover:text-fg'
                }
              >
                {label}
              </Link>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
