'use client'

import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { ChevronRight, Database, File, Folder, Package, Sheet, Table2 } from 'lucide-react'
import { useRef } from 'react'
import { isPlace, type BrowsedItem } from '@/components/stores/items'
import { Time } from '@/components/ui/time'
import { formatBytes, formatCount } from '@/lib/format'

type BrowseListProps = {
  label: string
  items: readonly BrowsedItem[]
  current: string | undefined
  onPress: (item: BrowsedItem) => void
}

const rowHeight = 36
const icons = {
  schema: Database,
  table: Table2,
  view: Sheet,
  container: Package,
  folder: Folder,
  file: File,
} as const satisfies Record<BrowsedItem['kind'], unknown>

/** The things at one place of a store. It comes with a node's answer, so that it is never rendered on the server. */
export function BrowseList({ label, items, current, onPress }: BrowseListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- its answers are used here only, and never memoized
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  return (
    <div ref={scroller} className="max-h-108 overflow-y-auto">
      <ul aria-label={label} className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const item = items[index]
          if (!item) return null
          return (
            <li
              key={`${item.kind} ${item.name}`}
              aria-posinset={index + 1}
              aria-setsize={items.length}
              style={{ transform: `translateY(${start}px)` }}
              className="absolute inset-x-0 top-0"
            >
              <BrowseRow item={item} isCurrent={item.name === current} onPress={() => onPress(item)} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

type BrowseRowProps = { item: BrowsedItem; isCurrent: boolean; onPress: () => void }

function BrowseRow({ item, isCurrent, onPress }: BrowseRowProps) {
  const Icon = icons[item.kind]
  return (
    <button
      type="button"
      onClick={onPress}
      aria-current={isCurrent ? 'true' : undefined}
      className={clsx(
        'flex h-9 w-full items-center gap-2.5 px-4 text-left text-sm outline-offset-[-2px] hover:bg-hover',
        isCurrent && 'bg-accent-fill font-medium',
      )}
    >
      <Icon aria-label={item.kind} className="size-4 shrink-0 text-fg-muted" />
      <span className="min-w-0 flex-1 truncate">{item.name}</span>
      <span className="shrink-0 text-xs text-fg-muted tabular-nums">
        {item.estimatedRows === undefined ? null : `about ${formatCount(item.estimatedRows)} rows`}
        {item.sizeBytes === undefined ? null : formatBytes(item.sizeBytes)}
      </span>
      {item.modifiedAt ? (
        <span className="hidden w-32 shrink-0 text-right text-xs text-fg-muted md:inline">
          <Time value={item.modifiedAt} />
        </span>
      ) : null}
      {isPlace(item) ? <ChevronRight aria-hidden className="size-4 shrink-0 text-fg-faint" /> : null}
    </button>
  )
}
