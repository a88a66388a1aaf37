'use client'

import { clsx } from 'clsx'
import {
  Boxes,
  Cable,
  CirclePlay,
  CircleUser,
  Factory,
  LayoutGrid,
  ScrollText,
  Server,
  Table2,
  Workflow,
} from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { areaOf, factoryAreas, tenantAreas, type Area, type AreaId } from './areas'
import { factoryOf } from './trail'

const icons: Record<AreaId, ReactNode> = {
  factories: <Boxes aria-hidden />,
  overview: <LayoutGrid aria-hidden />,
  runtimes: <Server aria-hidden />,
  'linked-services': <Cable aria-hidden />,
  datasets: <Table2 aria-hidden />,
  pipelines: <Workflow aria-hidden />,
  runs: <CirclePlay aria-hidden />,
  audit: <ScrollText aria-hidden />,
  account: <CircleUser aria-hidden />,
}

/** The areas: factories, those of the open factory, and the tenant's own at the foot. */
export function Nav({ onNavigate }: { onNavigate?: () => void }) {
  const pathname = usePathname()
  const factory = factoryOf(pathname)
  const inFactory = factory ? factoryAreas(factory) : []
  const current = areaOf(pathname, [...inFactory, ...tenantAreas])
  const [factories, ...foot] = tenantAreas
  const links = (areas: readonly Area[]) => (
    <ul className="flex flex-col gap-px">
      {areas.map((area) => (
        <li key={area.id}>
          <NavLink area={area} current={area.href === current?.href} onNavigate={onNavigate} />
        </li>
      ))}
    </ul>
  )
  return (
    <nav aria-label="Main" className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-2">
      {factories ? links([factories]) : null}
      {factory ? (
        <section aria-label={`Factory ${factory}`}>
          <h2 className="flex items-center gap-2 truncate px-2 pb-1 text-xs font-medium text-fg-muted">
            <Factory aria-hidden className="size-3.5 shrink-0" />
            <span className="truncate">{factory}</span>
          </h2>
          {links(inFactory)}
        </section>
      ) : null}
      <div className="mt-auto">{links(foot)}</div>
    </nav>
  )
}

type NavLinkProps = { area: Area; current: boolean; onNavigate: (() => void) | undefined }

function NavLink({ area, current, onNavigate }: NavLinkProps) {
  return (
    <Link
      href={area.href}
      onClick={() => onNavigate?.()}
      aria-current={current ? 'page' : undefined}
      className={clsx(
        'flex h-8 items-center gap-2.5 rounded-md px-2 outline-offset-[-2px] pointer-coarse:h-10 [&>svg]:size-4 [&>svg]:shrink-0',
        current
          ? 'bg-neutral-4 font-medium text-fg [&>svg]:text-accent-text'
          : 'text-fg-muted hover:bg-hover hover:text-fg',
      )}
    >
      {icons[area.id]}
      {area.label}
    </Link>
  )
}
