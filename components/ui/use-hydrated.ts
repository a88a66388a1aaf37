'use client'

import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** False on the server and for the first render in the browser: for what would put a style attribute into the server's HTML. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
