import { clsx } from 'clsx'

/** The exact size of what follows, given by classes (`h-5 w-40`), so that nothing moves when it comes. */
export function Skeleton({ className }: { className: string }) {
  return <span aria-hidden className={clsx('block animate-pulse rounded-sm bg-neutral-4', className)} />
}
