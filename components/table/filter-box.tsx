'use client'

import { Search } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { Spinner } from '@/components/ui/spinner'
import { useAddress } from './use-address'

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
  const shown = useSearchParams().get(param) ?? ''
  const { change, pending } = useAddress()
  const [text, setText] = useState(shown)
  const [typing, setTyping] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  // Somebody else changed the address: "Clear filters", or the browser's way back.
  if (!typing && !pending && text.trim() !== shown.trim()) setText(shown)

  function send(next: string) {
    clearTimeout(timer.current)
    setTyping(false)
    change({ [param]: next.trim() })
  }
  function handleChange(next: string) {
    setText(next)
    setTyping(true)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => send(next), pauseMs)
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
        // What is pressed next counts from what was typed.
        onBlur={() => {
          if (typing) send(text)
        }}
        className="control pl-8.5!"
      />
    </search>
  )
}
