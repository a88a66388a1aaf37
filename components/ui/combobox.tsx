'use client'

import { clsx } from 'clsx'
import { ChevronsUpDown } from 'lucide-react'
import { lazy, Suspense, type ComponentProps } from 'react'
import { OnPress } from './on-press'
import { Spinner } from './spinner'

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
  /** The control's own attributes: id, aria-label, aria-describedby, disabled. */
  control?: ComponentProps<'button'> | undefined
}

const load = () => import('./combobox-opened')
const ComboboxOpened = lazy(async () => ({ default: (await load()).ComboboxOpened }))

/** One of many, found by typing. It stays quick with thousands of options, of which it shows the first matches. */
export function Combobox(props: ComboboxProps) {
  const { options, value, placeholder, loading, control } = props
  const chosen = options.find((option) => option.value === value) ?? null
  const face = <Face chosen={chosen} placeholder={placeholder} loading={loading} {...control} />
  return (
    <OnPress trigger={face} popup="dialog" preload={load}>
      {() => (
        <Suspense fallback={face}>
          <ComboboxOpened {...props} face={face} />
        </Suspense>
      )}
    </OnPress>
  )
}

type FaceProps = ComponentProps<'button'> & {
  chosen: ComboboxOption | null
  placeholder: string | undefined
  loading: string | null | undefined
}

/** The closed control: what is chosen, on a button that looks like the other fields. */
function Face({ chosen, placeholder = 'Choose', loading, ...button }: FaceProps) {
  return (
    <button type="button" {...button} className="control flex items-center gap-2 text-left">
      <span className={clsx('min-w-0 flex-1 truncate', !chosen && 'text-fg-faint')}>
        {chosen?.label ?? placeholder}
      </span>
      {loading ? <Spinner /> : <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-fg-muted" />}
    </button>
  )
}
