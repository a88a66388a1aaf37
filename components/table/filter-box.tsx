'use client'

import { Search } from 'lucide-react'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState, useTransition } from 'react'
import { Spinner } from '@/components/ui/spinner'
import { withQuery } from '@/lib/paths'

type FilterBoxProps = {
  /** What is filtered, as the box's name: "Filter runs". */
  label: string
  /** The search parameter it keeps. Changing it goes back to the first page. */
  param?: string
  placeholder?: string
}

/** Long enough to finish a word, short enough to feel live. */
const pauseMs = 250

/** Filters a list by an address parameter, so that a filtered list can be shared; `/` focuses it. */
export function FilterBox({ label, param = 'q', placeholder = 'Filter' }: FilterBoxProps) {
  const search = useSearchParams()
  const pathname = usePathname()
  const router = useRouter()
  const [text, setText] = useState(search.get(param) ?? '')
  const [pending, startTransition] = useTransition()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  function handleChange(next: string) {
    setText(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const kept = Object.fromEntries(new URLSearchParams(location.search))
      const query = { ...kept, after: null, before: null, [param]: next.trim() }
      startTransition(() => router.replace(withQuery(pathname, query), { scroll: false }))
    }, pauseMs)
  }

  return (
    <search className="relative min-w-44 flex-1 md:max-w-72">
      <span className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-fg-muted [&>svg]:size-4">
        {pending ? <Spinner /> : <Search aria-hidden />}
      </span>
      <input
        type="search"
        data-filter
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(event) => handleChange(event.target.value)}
        className="control pl-8.5!"
      />
    </search>
  )
}
