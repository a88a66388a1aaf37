import { clsx } from 'clsx'
import type { ReactNode } from 'react'

type PanelProps = {
  title?: ReactNode
  description?: ReactNode
  actions?: ReactNode
  /** Content reaches the edges: tables and lists bring their own padding. */
  flush?: boolean
  children?: ReactNode
  className?: string
}

/** A hairline box: the one container of a page. Panels do not nest. */
export function Panel({ title, description, actions, flush, children, className }: PanelProps) {
  return (
    <section className={clsx('min-w-0 rounded-lg border bg-panel', className)}>
      {title ? (
        <header
          className={clsx(
            'flex flex-wrap gap-x-4 gap-y-2 px-4 pt-3',
            description ? 'items-start' : 'items-center',
            flush ? 'border-b pb-3' : 'pb-0',
          )}
        >
          {/* Where a description would become a narrow column, the buttons go below it. */}
          <div className={clsx('min-w-0 flex-1', description && 'basis-56')}>
            <h2 className="text-base font-semibold">{title}</h2>
            {description ? <p className="text-sm text-fg-muted">{description}</p> : null}
          </div>
          {actions ? (
            <div className="flex max-w-full min-w-0 flex-wrap items-center gap-2">{actions}</div>
          ) : null}
        </header>
      ) : null}
      <div className={flush ? 'overflow-hidden rounded-b-lg' : 'p-4'}>{children}</div>
    </section>
  )
}

/** Pairs of a term and what it is, in a panel: `rows={[['Region', 'eu'], …]}`. */
export function Facts({ rows }: { rows: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(96px,max-content)_1fr] gap-x-6 gap-y-1.5 text-sm">
      {rows.map(([term, value]) => (
        <div key={term} className="col-span-2 grid grid-cols-subgrid">
          <dt className="text-fg-muted">{term}</dt>
          <dd className="min-w-0 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
