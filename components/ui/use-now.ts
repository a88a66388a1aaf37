'use client'

import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
const everyMs = 1_000

/** One clock for the page, which stands still in a hidden tab. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    if (!document.hidden) for (const each of listeners) each()
  }, everyMs)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/**
 * What `read` says now, asked again each second; the component renders again only when the answer changes. It is null on
 * the server and while hydrating, because the server knows neither the reader's zone nor their clock.
 */
export function useEachSecond<Answer extends string | number | boolean>(read: () => Answer): Answer | null {
  return useSyncExternalStore<Answer | null>(subscribe, read, () => null)
}
