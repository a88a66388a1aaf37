'use client'

import { Combobox as Base } from '@base-ui/react/combobox'
import { Check, ChevronsUpDown, X } from 'lucide-react'
import { Spinner } from './spinner'
import { useHydrated } from './use-hydrated'

export type ComboboxOption = {
  value: string
  label: string
  /** Said at the right: a type, a size, where it is. */
  detail?: string | undefined
}

export type ComboboxProps = {
  options: readonly ComboboxOption[]
  value: string | null
  onValueChange: (value: string | null) => void
  placeholder?: string | undefined
  /** What is being asked and of whom, while options are still to come: "Asking plant-7-b for tables…" */
  loading?: string | null | undefined
  /** Said when there is nothing to choose from. */
  emptyText?: string | undefined
  /** It can be left without a choice. */
  clearable?: boolean | undefined
  disabled?: boolean | undefined
  id?: string | undefined
  'aria-label'?: string | undefined
  'aria-describedby'?: string | undefined
  'aria-invalid'?: true | undefined
}

/** As many as can be looked through; the rest is found by typing. */
const mostShown = 200

/** One of many, found by typing. It stays quick with thousands of options, of which it shows the first matches. */
export function Combobox(props: ComboboxProps) {
  const hydrated = useHydrated()
  const chosen = props.options.find(({ value }) => value === props.value) ?? null
  if (!hydrated) return <input className="control" disabled aria-label={props['aria-label']} id={props.id} />
  return (
    <Base.Root
      items={props.options}
      value={chosen}
      onValueChange={(option) => props.onValueChange(option?.value ?? null)}
      isItemEqualToValue={(a, b) => a.value === b.value}
      limit={mostShown}
      disabled={props.disabled ?? false}
      autoHighlight
    >
      <ComboboxInput {...props} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} collisionPadding={8} className="z-50">
          <Base.Popup className="floating flex max-h-[min(320px,var(--available-height))] w-(--anchor-width) min-w-60 flex-col">
            <ComboboxStatus {...props} />
            <Base.List className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-1 empty:p-0">
              {(option: ComboboxOption) => (
                <Base.Item
                  key={option.value}
                  value={option}
                  className="flex min-h-8 items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-highlighted:bg-hover pointer-coarse:min-h-10"
                >
                  <span className="w-4 shrink-0">
                    <Base.ItemIndicator>
                      <Check aria-hidden className="size-4" />
                    </Base.ItemIndicator>
                  </span>
                  <span className="min-w-0 flex-1 wrap-anywhere">{option.label}</span>
                  {option.detail ? (
                    <span className="shrink-0 text-xs text-fg-muted">{option.detail}</span>
                  ) : null}
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function ComboboxInput({ placeholder, clearable, value, loading, id, ...aria }: ComboboxProps) {
  return (
    <div className="relative">
      <Base.Input
        id={id}
        placeholder={placeholder}
        aria-label={aria['aria-label']}
        aria-describedby={aria['aria-describedby']}
        aria-invalid={aria['aria-invalid']}
        className="control pr-14!"
      />
      <span className="absolute inset-y-0 right-1 flex items-center text-fg-muted">
        {loading ? <Spinner /> : null}
        {clearable && value !== null ? (
          <Base.Clear aria-label="Clear" className="rounded-sm p-1 hover:text-fg [&>svg]:size-4">
            <X aria-hidden />
          </Base.Clear>
        ) : null}
        <Base.Trigger aria-label="Show options" className="rounded-sm p-1 hover:text-fg [&>svg]:size-4">
          <ChevronsUpDown aria-hidden />
        </Base.Trigger>
      </span>
    </div>
  )
}

/** How many are shown of how many, so that nobody takes the first two hundred for all. */
function ComboboxStatus({ options, loading, emptyText = 'There is nothing to choose from' }: ComboboxProps) {
  const filtered = Base.useFilteredItems<ComboboxOption>()
  const shown = filtered.length
  const text =
    loading ??
    (options.length === 0
      ? emptyText
      : shown === 0
        ? 'Nothing matches'
        : shown >= mostShown
          ? `The first ${mostShown} of ${options.length.toLocaleString('en-US')}: type to find others`
          : null)
  return (
    <Base.Status className={text ? 'border-b px-3 py-2 text-sm text-fg-muted last:border-b-0' : 'sr-only'}>
      {text ?? `${shown} options`}
    </Base.Status>
  )
}
