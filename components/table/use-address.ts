'use client'

import { usePathname, useRouter } from 'next/navigation'
import { useEffect, useId, useTransition } from 'react'
import { withQuery } from '@/lib/paths'

export type AddressChange = (query: Record<string, string | null>) => void

/** The query that was asked for last, and by whom, until its page has come: the address still shows the one before it. */
let asked: { by: string; query: Record<string, string> } | null = null

/**
 * Filters live in the address, so that a filtered list can be shared. Each change goes on from the one before it, even
 * while that still loads. It leads back to the first page, and leaves no step behind in the browser's history.
 */
export function useAddress(): { change: AddressChange; pending: boolean } {
  const router = useRouter()
  const pathname = usePathname()
  const by = useId()
  const [pending, startTransition] = useTransition()
  useEffect(() => {
    if (!pending && asked?.by === by) asked = null
  }, [pending, by])
  useEffect(
    () => () => {
      if (asked?.by === by) asked = null
    },
    [by],
  )

  function change(query: Record<string, string | null>) {
    const before = asked?.query ?? Object.fromEntries(new URLSearchParams(location.search))
    const target = withQuery(pathname, { ...before, after: null, before: null, ...query })
    asked = { by, query: Object.fromEntries(new URL(target, location.origin).searchParams) }
    startTransition(() => router.replace(target, { scroll: false }))
  }
  return { change, pending }
}
