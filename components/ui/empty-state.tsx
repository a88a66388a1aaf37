import type { ReactNode } from 'react'

type EmptyStateProps = {
  title: string
  /** What the thing is, in one sentence. */
  children: ReactNode
  /** The one button or line that makes the first. */
  action?: ReactNode
  icon?: ReactNode
}

/** What stands where a list would be: says what the thing is, and how to make the first. */
export function EmptyState({ title, children, action, icon }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      {icon ? <span className="mb-3 text-fg-faint [&>svg]:size-6">{icon}</span> : null}
      <p className="font-semibold">{title}</p>
      <p className="mt-1 max-w-[52ch] text-fg-muted">{children}</p>
      {action ? <div className="mt-4 flex max-w-full flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  )
}
