import type { ReactNode } from 'react'

type FailurePageProps = {
  title: string
  children: ReactNode
  actions: ReactNode
  reference?: string | undefined
  /** Within the portal's frame, which has the page's `main` already. */
  inside?: boolean
}

/** A page that stands for one that cannot be shown: what happened, what to do, and the reference that the log knows. */
export function FailurePage({ title, children, actions, reference, inside }: FailurePageProps) {
  const Frame = inside ? 'div' : 'main'
  return (
    <Frame
      {...(inside ? {} : { id: 'main' })}
      className="mx-auto flex min-h-[60dvh] max-w-120 flex-col justify-center px-6 py-16"
    >
      <h1 className="text-xl font-semibold">{title}</h1>
      <div className="mt-2 text-fg-muted">{children}</div>
      {reference ? (
        <p className="mt-3 text-sm text-fg-muted">
          Reference <code className="text-fg">{reference}</code>
        </p>
      ) : null}
      <div className="mt-6 flex flex-wrap gap-2">{actions}</div>
    </Frame>
  )
}
