import { clsx } from 'clsx'
import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'

export type Option<Value extends string = string> = {
  value: Value
  label: string
  disabled?: boolean | undefined
}

type SelectProps = Omit<ComponentProps<'select'>, 'children'> & {
  options: readonly Option[]
  /** Shown while nothing is chosen, and cannot be chosen again. */
  placeholder?: string | undefined
}

/** One of a few. The system's own list: best on a phone, and it works before scripts do. For many, Combobox. */
export function Select({ options, placeholder, className, ...select }: SelectProps) {
  return (
    <span className={clsx('relative inline-block w-full', className)}>
      <select {...select} className="control appearance-none truncate pr-8!">
        {placeholder ? (
          <option value="" disabled>
            {placeholder}
          </option>
        ) : null}
        {options.map(({ value, label, disabled }) => (
          <option key={value} value={value} disabled={disabled}>
            {label}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-fg-muted"
      />
    </span>
  )
}
