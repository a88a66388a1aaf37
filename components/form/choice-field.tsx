'use client'

import { useId, type ReactNode } from 'react'
import { get, useFormContext } from 'react-hook-form'
import { Radio, RadioGroup } from '@/components/ui/choice'
import { FieldNotes } from './field'
import { useFieldError } from './use-field-error'

type RadioFieldProps = {
  name: string
  label: ReactNode
  options: readonly { value: string; label: ReactNode; hint?: ReactNode; disabled?: boolean }[]
}

/** One of several in a form, each with its explanation. */
export function RadioField({ name, label, options }: RadioFieldProps) {
  const { register, formState } = useFormContext()
  const error = useFieldError(name)
  const id = useId()
  return (
    <div>
      <RadioGroup legend={label} describedBy={error ? `${id}-error` : undefined}>
        {options.map(({ value, ...option }) => (
          <Radio
            key={value}
            {...option}
            {...register(name)}
            value={value}
            defaultChecked={get(formState.defaultValues, name) === value}
          />
        ))}
      </RadioGroup>
      <FieldNotes id={id} error={error} />
    </div>
  )
}
