'use client'

import { useMemo, useState, type ReactNode } from 'react'
import { BrowseList } from '@/components/stores/browse-list'
import { isPlace, thingsAt, type BrowsedItem, type ViewedStore } from '@/components/stores/items'
import { NodeFailureCallout } from '@/components/stores/node-failure-callout'
import { PathTrail } from '@/components/stores/path-trail'
import { ProgressLine } from '@/components/stores/progress-line'
import { browseOptions } from '@/components/stores/query-options'
import { useAsked } from '@/components/stores/use-asked'
import { Button } from '@/components/ui/button'
import { formatCount, formatQuantity } from '@/lib/format'

type StoreBrowserProps = {
  store: ViewedStore
  path: readonly string[]
  onPathChange: (path: string[]) => void
  /** A table, view or file was chosen. */
  onOpen: (item: BrowsedItem) => void
  /** The one that is chosen now. */
  current?: string | undefined
  /** More buttons beside the filter. */
  actions?: ReactNode
}

/** Walks through a store, one place at a time; with thousands of things only those in view are drawn. */
export function StoreBrowser({ store, path, onPathChange, onOpen, current, actions }: StoreBrowserProps) {
  const [typed, setTyped] = useState({ at: '', text: '' })
  const place = path.join('\0')
  const text = typed.at === place ? typed.text : ''
  const [asked, setAsked] = useState({ at: '', filter: '' })
  const filter = asked.at === place ? asked.filter : ''
  const things = thingsAt(store.type, path)
  const answer = useAsked(browseOptions(store, path, filter), `for ${things}`)
  const { items = [], truncated = false } = answer.data?.output.result ?? {}
  const wanted = text.trim().toLowerCase()
  const shown = useMemo(
    () => (wanted ? items.filter(({ name }) => name.toLowerCase().includes(wanted)) : items),
    [items, wanted],
  )

  return (
    <div className="min-w-0">
      <div className="flex flex-wrap items-center gap-2 border-b p-2">
        <PathTrail store={store} path={path} onPathChange={onPathChange} />
        <search className="min-w-36 flex-1 md:max-w-72">
          <input
            type="search"
            data-filter
            className="control"
            aria-label={`Filter ${things}`}
            placeholder={`Filter ${things}`}
            value={text}
            onChange={(event) => setTyped({ at: place, text: event.target.value })}
          />
        </search>
        {truncated && wanted && wanted !== filter ? (
          <Button size="sm" onClick={() => setAsked({ at: place, filter: wanted })}>
            Search all {things}
          </Button>
        ) : null}
        {actions}
        <Button size="sm" variant="ghost" onClick={answer.askAgain}>
          Refresh
        </Button>
      </div>
      {answer.failure ? (
        <div className="p-3">
          <NodeFailureCallout failure={answer.failure} onRetry={answer.askAgain} />
        </div>
      ) : null}
      {answer.progress ? (
        <div className="px-4 py-3">
          <ProgressLine>{answer.progress}</ProgressLine>
        </div>
      ) : null}
      {shown.length > 0 ? (
        <BrowseList
          label={`${things} of ${[store.name, ...path].join(' / ')}`}
          items={shown}
          current={current}
          onPress={(item) => (isPlace(item) ? onPathChange([...path, item.name]) : onOpen(item))}
        />
      ) : null}
      {answer.data ? (
        <output className="block border-t px-4 py-1.5 text-sm wrap-anywhere text-fg-muted tabular-nums">
          {summary({ shown: shown.length, all: items.length, truncated, things })} · from{' '}
          {answer.data.nodeName}
        </output>
      ) : null}
    </div>
  )
}

function summary(counts: { shown: number; all: number; truncated: boolean; things: string }): string {
  const { shown, all, truncated, things } = counts
  if (all === 0) return `There are no ${things} here`
  const counted = formatQuantity(all, things.replace(/s$/, ''))
  const total = truncated ? `the first ${counted}` : counted
  return shown === all ? total : `${formatCount(shown)} of ${total}`
}
