'use client'

/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a select cannot hold marks, details and thousands of rows */

import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { Check, Search } from 'lucide-react'
import { useDeferredValue, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { formatCount } from '@/lib/format'
import { Button } from './button'
import { Spinner } from './spinner'
import { useHydrated } from './use-hydrated'

export type PickItem = {
  id: string
  label: string
  /** Said at the right: an estimate of rows, a size. */
  detail?: string | undefined
  /** Why it cannot be picked. */
  disabledReason?: string | undefined
}

type PickListProps = {
  /** What is picked: "Tables of warehouse". */
  label: string
  items: readonly PickItem[]
  picked: readonly string[]
  onChange: (picked: string[]) => void
  /** One only: picking another lets go of the first. */
  single?: boolean
  /** What is being asked and of whom, while items are still to come. */
  loading?: string | null | undefined
  emptyText?: string
  /** The id of what is wrong with the choice. */
  errorId?: string | undefined
}

const rowHeight = 36

/** Several (or one) of thousands, with a filter; only the rows in view are drawn. Arrows move, Space picks. */
export function PickList(props: PickListProps) {
  const { label, items, picked, onChange, single, loading, emptyText = 'There is nothing to pick' } = props
  const [text, setText] = useState('')
  const filter = useDeferredValue(text.trim().toLowerCase())
  const shown = useMemo(
    () => (filter ? items.filter((item) => item.label.toLowerCase().includes(filter)) : items),
    [items, filter],
  )
  // Nobody knows how many there are before the first answer.
  const isUnknown = Boolean(loading) && items.length === 0
  const said = [
    single ? null : `${formatCount(picked.length)} picked`,
    isUnknown ? null : countOf(shown.length, items.length, filter !== ''),
    shown.length > 0 ? loading : null,
  ]
  const pickable = shown.filter((item) => !item.disabledReason).map(({ id }) => id)

  return (
    <div className="overflow-hidden rounded-md border bg-panel">
      <div className="flex flex-wrap items-center gap-2 border-b p-2">
        <search className="relative min-w-40 flex-1">
          <span className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-fg-muted [&>svg]:size-4">
            {loading ? <Spinner /> : <Search aria-hidden />}
          </span>
          <input
            type="search"
            aria-label={`Filter ${label}`}
            placeholder="Filter"
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="control pl-8.5!"
          />
        </search>
        {single ? null : (
          <>
            <Button
              size="sm"
              disabled={pickable.length === 0}
              onClick={() => onChange([...new Set([...picked, ...pickable])])}
            >
              Pick all {filter ? 'shown' : ''}
            </Button>
            <Button size="sm" disabled={picked.length === 0} onClick={() => onChange([])}>
              Clear
            </Button>
          </>
        )}
      </div>
      {shown.length > 0 ? (
        <PickRows {...props} items={shown} />
      ) : (
        <p className="px-4 py-8 text-center text-fg-muted">
          {loading ?? (filter ? 'Nothing matches' : emptyText)}
        </p>
      )}
      <output className="block border-t px-3 py-1.5 text-sm text-fg-muted tabular-nums">
        {said.filter(Boolean).join(' · ')}
      </output>
    </div>
  )
}

function countOf(shown: number, all: number, isFiltered: boolean): string {
  return isFiltered ? `${formatCount(shown)} of ${formatCount(all)} shown` : `${formatCount(all)} in all`
}

function PickRows({ label, items, picked, onChange, single = false, errorId }: PickListProps) {
  const id = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [moved, setActive] = useState(0)
  const active = Math.min(moved, items.length - 1)
  const chosen = new Set(picked)
  // oxlint-disable-next-line react/incompatible-library -- its answers are used here only, and never memoized
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  // Rows are placed by style attributes, which the server must not write.
  const hydrated = useHydrated()

  function toggle(index: number) {
    const item = items[index]
    setActive(index)
    if (!item || item.disabledReason) return
    if (single) onChange([item.id])
    else onChange(chosen.has(item.id) ? picked.filter((each) => each !== item.id) : [...picked, item.id])
  }

  function handleKeyDown(event: KeyboardEvent) {
    const next = nextIndex(event.key, active, items.length)
    if (event.key === ' ' || event.key === 'Enter') toggle(active)
    else if (next === null) return
    else {
      setActive(next)
      rows.scrollToIndex(next)
    }
    event.preventDefault()
  }

  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label={label}
      aria-multiselectable={!single}
      aria-describedby={errorId}
      aria-invalid={errorId ? true : undefined}
      aria-activedescendant={`${id}-${active}`}
      tabIndex={0}
      onKeyDown={handleKeyDown}
      className="group h-80 overflow-y-auto outline-offset-[-2px]"
    >
      {hydrated ? (
        <div role="presentation" className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const item = items[index]
            if (!item) return null
            const state = { picked: chosen.has(item.id), active: index === active, single }
            const place = { id: `${id}-${index}`, index, start, count: items.length }
            return (
              <PickRow key={item.id} item={item} state={state} place={place} onPress={() => toggle(index)} />
            )
          })}
        </div>
      ) : null}
    </div>
  )
}

type PickRowProps = {
  item: PickItem
  state: { picked: boolean; active: boolean; single: boolean }
  place: { id: string; index: number; start: number; count: number }
  onPress: () => void
}

function PickRow({ item, state, place, onPress }: PickRowProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list has both
    <div
      id={place.id}
      role="option"
      aria-selected={state.picked}
      aria-disabled={item.disabledReason ? true : undefined}
      aria-posinset={place.index + 1}
      aria-setsize={place.count}
      onClick={onPress}
      style={{ transform: `translateY(${place.start}px)` }}
      className={clsx(
        'absolute inset-x-0 top-0 flex h-9 items-center gap-2.5 px-3 text-sm select-none hover:bg-hover',
        state.active && 'group-focus-visible:bg-hover',
        item.disabledReason && 'text-fg-faint',
      )}
    >
      <PickMark picked={state.picked} round={state.single} />
      <span className="min-w-0 flex-1 truncate" title={item.label}>
        {item.label}
      </span>
      <span className="shrink-0 truncate text-xs text-fg-muted tabular-nums">
        {item.disabledReason ?? item.detail}
      </span>
    </div>
  )
}

function PickMark({ picked, round }: { picked: boolean; round: boolean }) {
  return (
    <span
      aria-hidden
      className={clsx(
        'flex size-4 shrink-0 items-center justify-center border',
        round ? 'rounded-full' : 'rounded-sm',
        picked ? 'border-accent-solid bg-accent-solid text-accent-on' : 'border-line-strong bg-panel',
      )}
    >
      {picked ? <Check className="size-3" strokeWidth={3} /> : null}
    </span>
  )
}

/** Rows that a page's worth of movement passes. */
const pageRows = 8

function nextIndex(key: string, at: number, count: number): number | null {
  const target = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + pageRows,
    PageUp: at - pageRows,
    Home: 0,
    End: count - 1,
  }[key]
  return target === undefined ? null : Math.min(count - 1, Math.max(0, target))
}
