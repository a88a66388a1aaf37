'use client'

import { Search } from 'lucide-react'
import type { ShownChoices } from '@/components/stores/use-store-choices'
import { Spinner } from '@/components/ui/spinner'
import { formatCount, formatQuantity } from '@/lib/format'

type StoreFilterProps = {
  shown: ShownChoices<unknown>
  /** What is chosen from. */
  what?: [one: string, many: string]
  placeholder?: string
}

/** Above a choice of many: linked services, unless it says otherwise. */
export function StoreFilter({
  shown,
  what = ['linked service', 'linked services'],
  placeholder = 'Filter by name or address',
}: StoreFilterProps) {
  if (!shown.isLong) return null
  return (
    <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1">
      <search className="relative min-w-44 flex-1 md:max-w-72">
        <span className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-fg-muted [&>svg]:size-4">
          {shown.isFetching ? <Spinner /> : <Search aria-hidden />}
        </span>
        <input
          type="search"
          aria-label={`Filter ${what[1]}`}
          placeholder={placeholder}
          value={shown.text}
          onChange={(event) => shown.setText(event.target.value)}
          // It stands in forms, which Enter must not send.
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.preventDefault()
          }}
          className="control pl-8.5!"
        />
      </search>
      <output className="text-sm text-fg-muted tabular-nums">{words(shown, what)}</output>
    </div>
  )
}

function words({ text, rows, total, isError }: ShownChoices<unknown>, what: [string, string]): string {
  const isFiltered = text.trim() !== ''
  if (isError) return 'The portal did not answer: these are the first ones'
  if (total === 0) return `No ${what[0]} matches`
  if (rows.length < total)
    return `${formatCount(rows.length)} of ${formatQuantity(total, ...what)}${isFiltered ? ' that match' : ': filter to find the others'}`
  return formatQuantity(total, ...what)
}
