'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type RefObject, useEffect, useRef } from 'react'
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
  const nav = useKeptFocus()
  if (!nextHref && !previousHref && !summary) return null
  return (
    <nav
      ref={nav}
      tabIndex={-1}
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

/** A link that goes away takes the focus with it: the last page has none to a next one. Who came by it stays here. */
function useKeptFocus(): RefObject<HTMLElement | null> {
  const scope = useRef<HTMLElement>(null)
  const isHere = useRef(false)
  useEffect(() => {
    const note = ({ target }: Event) => {
      isHere.current = target instanceof Node && scope.current?.contains(target) === true
    }
    document.addEventListener('focusin', note)
    document.addEventListener('pointerdown', note)
    return () => {
      document.removeEventListener('focusin', note)
      document.removeEventListener('pointerdown', note)
    }
  }, [])
  useEffect(() => {
    if (isHere.current && document.activeElement === document.body) scope.current?.focus()
  })
  return scope
}
