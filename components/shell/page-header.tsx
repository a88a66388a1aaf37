import type { ReactNode } from 'react'

type PageHeaderProps = {
  title: ReactNode
  /** What the thing is, when its name does not say. */
  description?: ReactNode
  /** State, since when, and why: StateBadge, Time, WhyPopover. */
  state?: ReactNode
  /** Buttons, the primary one last. */
  actions?: ReactNode
  /** Tabs, each an address. */
  tabs?: ReactNode
}

/** The top of every page: its one h1, the thing's state, what can be done, and its tabs. */
export function PageHeader({ title, description, state, actions, tabs }: PageHeaderProps) {
  return (
    <header className={tabs ? 'mb-4 border-b' : ''}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3 pb-4">
        <div className="min-w-0 flex-1 basis-64">
          {/* Takes the focus when a row that had it is gone. */}
          <h1 tabIndex={-1} className="text-xl font-semibold wrap-anywhere">
            {title}
          </h1>
          {description ? (
            <p className="mt-0.5 max-w-[80ch] wrap-anywhere text-fg-muted">{description}</p>
          ) : null}
          {state ? (
            <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">{state}</div>
          ) : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
      {tabs}
    </header>
  )
}

/** A page's content: one column of panels below the header. */
export function PageBody({ children }: { children: ReactNode }) {
  return <div className="flex flex-col gap-4">{children}</div>
}
