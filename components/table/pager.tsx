'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { ButtonLink } from '@/components/ui/button'

export type Paging = {
  /** Address of the page after or before this one; pages are cut by key, so there is no page number. */
  nextHref?: string | null | undefined
  previousHref?: string | null | undefined
  /** What is shown: "50 of 1,204 runs". */
  summary?: string | undefined
  /** What the rows are in the order of: newest first (the default), or by name. */
  order?: 'time' | 'name'
}

const words = {
  time: { previous: 'Newer', next: 'Older' },
  name: { previous: 'First page', next: 'Next' },
} as const

/** The foot of a table: how much is shown, and links to what comes before and after. */
export function Pager({ nextHref, previousHref, summary, order = 'time' }: Paging) {
  const nav = useRef<HTMLElement>(null)
  const hasFocus = useRef(false)
  // The last page has no link to a next one: who came by it stays here.
  useEffect(() => {
    if (hasFocus.current && document.activeElement === document.body) nav.current?.focus()
  }, [nextHref, previousHref])
  if (!nextHref && !previousHref && !summary) return null
  return (
    <nav
      ref={nav}
      tabIndex={-1}
      onFocus={() => {
        hasFocus.current = true
      }}
      // A link that goes away takes the focus with it, without a word to where.
      onBlur={({ relatedTarget, target }) => {
        hasFocus.current = relatedTarget === null && !target.isConnected
      }}
      aria-label="Pages"
      className="flex min-h-10 flex-wrap items-center gap-2 border-t px-4 py-1.5 text-sm"
    >
      <span className="flex-1 text-fg-muted">{summary}</span>
      {previousHref ? (
        <ButtonLink size="sm" href={previousHref} icon={<ChevronLeft aria-hidden />} rel="prev">
          {words[order].previous}
        </ButtonLink>
      ) : null}
      {nextHref ? (
        <ButtonLink size="sm" href={nextHref} rel="next">
          {words[order].next}
          <ChevronRight aria-hidden />
        </ButtonLink>
      ) : null}
    </nav>
  )
}
