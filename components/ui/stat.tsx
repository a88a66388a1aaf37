import Link from 'next/link'
import type { ReactNode } from 'react'

type StatProps = {
  label: string
  value: ReactNode
  /** The unit, or what the number is out of: "of 3", "MiB/s". */
  unit?: ReactNode
  /** A remark below: a trend, a sparkline, a since. */
  note?: ReactNode
  href?: string | undefined
}

/** One number that matters, with its name. Several stand in a StatRow. */
export function Stat({ label, value, unit, note, href }: StatProps) {
  return (
    <div className="relative min-w-0 bg-panel p-4">
      <dt className="text-sm text-fg-muted">
        {href ? (
          <Link href={href} className="after:absolute after:inset-0 hover:text-fg">
            {label}
          </Link>
        ) : (
          label
        )}
      </dt>
      <dd className="mt-1 flex flex-wrap items-baseline gap-x-1.5 text-xl font-semibold tabular-nums">
        {/* One item, so that a value of several pieces keeps its own spaces. */}
        <span>{value}</span>
        {unit ? <span className="text-base font-normal text-fg-muted">{unit}</span> : null}
      </dd>
      {note ? <dd className="mt-1 text-sm text-fg-muted">{note}</dd> : null}
    </div>
  )
}

/** Stats beside each other in one panel, divided by hairlines. */
export function StatRow({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line lg:auto-cols-fr lg:grid-flow-col lg:grid-cols-none">
      {children}
    </dl>
  )
}
