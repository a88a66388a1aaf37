import type { ReactNode } from 'react'

/** A key as printed on the keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-neutral-7 bg-neutral-3 px-1 text-xs text-fg-muted">
      {children}
    </kbd>
  )
}
