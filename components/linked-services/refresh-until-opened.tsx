'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

/** Nodes open a new credential within a poll or two; a node that is away does so when it comes back. */
const everyMs = 2_000
const tries = 15

/** While nodes still have to open the present credential, the page follows for half a minute. */
export function RefreshUntilOpened({ pending }: { pending: boolean }) {
  const router = useRouter()
  useEffect(() => {
    if (!pending) return
    let left = tries
    const timer = setInterval(() => {
      if (document.hidden) return
      router.refresh()
      left -= 1
      if (left === 0) clearInterval(timer)
    }, everyMs)
    return () => clearInterval(timer)
  }, [pending, router])
  return null
}
