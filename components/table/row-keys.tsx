'use client'

import { useEffect, useRef, type ReactNode } from 'react'
import { isTyping } from '@/components/ui/keys'

/** `j` and `k` move the focus through the rows of the table inside; Enter follows the row, as on any link. */
export function RowKeys({ children }: { children: ReactNode }) {
  const scope = useRef<HTMLDivElement>(null)
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0
      if (step === 0 || event.metaKey || event.ctrlKey || event.altKey || isTyping(event)) return
      const rows = [...(scope.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
      if (rows.length === 0) return
      const here = rows.findIndex((row) => row.closest('tr')?.contains(document.activeElement))
      const next = rows[here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + step))]
      next?.focus()
      next?.scrollIntoView({ block: 'nearest' })
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return <div ref={scope}>{children}</div>
}
