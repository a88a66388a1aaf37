import Link from 'next/link'
import { paths } from '@/lib/paths'

/** The mark: a gate that lets out and not in. */
export function Mark() {
  return (
    <svg viewBox="0 0 20 20" aria-hidden fill="none" className="size-5 shrink-0 text-accent-text">
      <path
        d="M3.5 17V9a6.5 6.5 0 0 1 13 0v1.5"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
      />
      <path
        d="M7.5 14.500H18m-3-3 3 3-3 3"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

/** Mark and name, leading home. */
export function Brand() {
  return (
    <Link
      href={paths.factories()}
      className="flex items-center gap-2 rounded-sm font-semibold tracking-tight"
    >
      <Mark />
      Sallyport
    </Link>
  )
}
