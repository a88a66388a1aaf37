'use client'

import { useId, type ReactNode } from 'react'
import { get, useFormContext } from 'react-hook-form'
import { Checkbox, Radio, RadioGroup, Switch } from '@/components/ui/choice'
import { FieldNotes, useFieldError } from './field'

type ChoiceFieldProps = { name: string; label: ReactNode; hint?: ReactNode; disabled?: boolean }

/** Yes or no in a form, as a checkbox. */
export function CheckboxField({ name, ...choice }: ChoiceFieldProps) {
  const { wiring, error, id } = useChoice(name)
  return (
    <div>
      <Checkbox {...choice} {...wiring} />
      <FieldNotes id={id} error={error} />
    </div>
  )
}

/** On or off in a form, as a switch. */
export function SwitchField({ name, ...choice }: ChoiceFieldProps) {
  const { wiring, error, id } = useChoice(name)
  return (
    <div>
      <Switch {...choice} {...wiring} />
      <FieldNotes id={id} error={error} />
    </div>
  )
}

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

function useChoice(name: string) {
  const { register, formState } = useFormContext()
  const error = useFieldError(name)
  const id = useId()
  const wiring = {
    ...register(name),
    defaultChecked: Boolean(get(formState.defaultValues, name)),
    'aria-invalid': error ? (true as const) : undefined,
    'aria-describedby': error ? `${id}-error` : undefined,
  }
  return { wiring, error, id }
}
