'use client'

import { useController } from 'react-hook-form'
import { Combobox, type ComboboxProps } from '@/components/ui/combobox'
import { Field, useFieldError, type FieldFrame } from './field'

type ComboboxFieldProps = FieldFrame &
  Pick<ComboboxProps, 'options' | 'placeholder' | 'loading' | 'emptyText' | 'clearable'> & {
    name: string
    disabled?: boolean | undefined
  }

/** One of many in a form; nothing chosen is an empty text. */
export function ComboboxField({ name, disabled, ...rest }: ComboboxFieldProps) {
  const { label, hint, optional, className, ...combobox } = rest
  const { field } = useController({ name })
  return (
    <Field {...{ label, hint, optional, className }} error={useFieldError(name)}>
      {(wiring) => (
        <Combobox
          {...combobox}
          control={{ ...wiring, disabled, ref: field.ref }}
          value={field.value || null}
          onValueChange={(value) => {
            field.onChange(value ?? '')
            field.onBlur()
          }}
        />
      )}
    </Field>
  )
}
