'use client'

import { useController } from 'react-hook-form'
import { Combobox, type ComboboxProps } from '@/components/ui/combobox'
import { Field, useFieldError, type FieldFrame } from './field'

type ComboboxFieldProps = FieldFrame &
  Pick<ComboboxProps, 'options' | 'placeholder' | 'loading' | 'emptyText' | 'clearable' | 'disabled'> & {
    name: string
  }

/** One of many in a form; nothing chosen is an empty text. */
export function ComboboxField({ name, label, hint, optional, className, ...combobox }: ComboboxFieldProps) {
  const { field } = useController({ name })
  return (
    <Field {...{ label, hint, optional, className }} error={useFieldError(name)}>
      {(wiring) => (
        <Combobox
          {...combobox}
          {...wiring}
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
