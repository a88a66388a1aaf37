'use client'

import { Combobox as Base } from '@base-ui/react/combobox'
import { Check } from 'lucide-react'
import type { ReactElement } from 'react'
import { formatCount } from '@/lib/format'
import { Button } from './button'
import type { ComboboxOption, ComboboxProps } from './combobox'

/** As many as can be looked through; the rest is found by typing. */
const mostShown = 200

type ComboboxOpenedProps = ComboboxProps & { face: ReactElement }

/** A Combobox from its first opening on. */
export function ComboboxOpened({
  options,
  value,
  onValueChange,
  control,
  face,
  ...props
}: ComboboxOpenedProps) {
  const chosen = options.find((option) => option.value === value) ?? null
  return (
    <Base.Root
      defaultOpen
      items={options}
      value={chosen}
      onValueChange={(option) => onValueChange(option?.value ?? null)}
      isItemEqualToValue={(a, b) => a.value === b.value}
      limit={mostShown}
      disabled={control?.disabled ?? false}
      autoHighlight
    >
      <Base.Trigger render={face} />
      <Base.Portal>
        <Base.Positioner align="start" sideOffset={4} collisionPadding={8} className="z-50">
          <Base.Popup
            aria-label="Options"
            className="floating flex max-h-[min(360px,var(--available-height))] w-(--anchor-width) min-w-60 flex-col"
          >
            <div className="flex items-center border-b pr-1">
              <Base.Input
                aria-label="Find"
                placeholder="Find"
                className="h-9 min-w-0 flex-1 bg-transparent px-3 text-base outline-none pointer-coarse:h-11"
              />
              {props.clearable && chosen ? (
                <Button size="sm" variant="ghost" onClick={() => onValueChange(null)}>
                  Clear
                </Button>
              ) : null}
            </div>
            <Status count={options.length} loading={props.loading} emptyText={props.emptyText} />
            <Base.List className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-1 empty:p-0">
              {(option: ComboboxOption) => <Item key={option.value} option={option} />}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function Item({ option }: { option: ComboboxOption }) {
  return (
    <Base.Item
      value={option}
      className="flex min-h-8 items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-highlighted:bg-neutral-4 pointer-coarse:min-h-10"
    >
      <span className="w-4 shrink-0">
        <Base.ItemIndicator>
          <Check aria-hidden className="size-4" />
        </Base.ItemIndicator>
      </span>
      <span className="min-w-0 flex-1 wrap-anywhere">{option.label}</span>
      {option.detail ? <span className="shrink-0 text-xs text-fg-muted">{option.detail}</span> : null}
    </Base.Item>
  )
}

type StatusProps = { count: number; loading: string | null | undefined; emptyText: string | undefined }

/** What is missing from the list, so that nobody takes the first two hundred for all. */
function Status({ count, loading, emptyText = 'There is nothing to choose from' }: StatusProps) {
  const shown = Base.useFilteredItems<ComboboxOption>().length
  const text = loading ?? remark({ count, shown, emptyText })
  return (
    <Base.Status className={text ? 'border-b px-3 py-2 text-sm text-fg-muted last:border-b-0' : 'sr-only'}>
      {text ?? `${shown} options`}
    </Base.Status>
  )
}

function remark({
  count,
  shown,
  emptyText,
}: {
  count: number
  shown: number
  emptyText: string
}): string | null {
  if (count === 0) return emptyText
  if (shown === 0) return 'Nothing matches'
  return shown >= mostShown && count > shown
    ? `The first ${mostShown} of ${formatCount(count)}: type to find others`
    : null
}
