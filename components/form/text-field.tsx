'use client'

import type { ComponentProps } from 'react'
import { get, useFormContext } from 'react-hook-form'
import { Input, Textarea } from '@/components/ui/input'
import { Select, type Option } from '@/components/ui/select'
import { Field, type FieldFrame } from './field'
import { useFieldError } from './use-field-error'

type TextFieldProps = FieldFrame & { name: string; mono?: boolean | undefined } & Pick<
    ComponentProps<'input'>,
    | 'type'
    | 'placeholder'
    | 'autoComplete'
    | 'autoFocus'
    | 'inputMode'
    | 'spellCheck'
    | 'disabled'
    | 'maxLength'
  >

/** A line of text in a form. */
export function TextField({ name, label, hint, optional, className, ...input }: TextFieldProps) {
  const { register, formState } = useFormContext()
  return (
    <Field {...{ label, hint, optional, className }} error={useFieldError(name)}>
      {(wiring) => (
        <Input {...input} {...wiring} {...register(name)} defaultValue={get(formState.defaultValues, name)} />
      )}
    </Field>
  )
}

type NumberFieldProps = FieldFrame & {
  name: string
  min?: number
  max?: number
  step?: number
  unit?: string
}

/** A number in a form; empty is undefined, so that an optional number can be left out. */
export function NumberField({ name, label, hint, optional, className, unit, ...input }: NumberFieldProps) {
  const { register, formState } = useFormContext()
  return (
    <Field {...{ label, hint, optional, className }} error={useFieldError(name)}>
      {(wiring) => (
        <span className="flex items-center gap-2">
          <Input
            {...input}
            {...wiring}
            {...register(name, { setValueAs: numberOrNothing })}
            type="number"
            inputMode="numeric"
            className="max-w-32"
            defaultValue={get(formState.defaultValues, name)}
          />
          {unit ? <span className="text-fg-muted">{unit}</span> : null}
        </span>
      )}
    </Field>
  )
}

type TextareaFieldProps = FieldFrame & { name: string; rows?: number; mono?: boolean; placeholder?: string }

/** Several lines of text in a form. */
export function TextareaField({ name, label, hint, optional, className, ...textarea }: TextareaFieldProps) {
  const { register, formState } = useFormContext()
  return (
    <Field {...{ label, hint, optional, className }} error={useFieldError(name)}>
      {(wiring) => (
        <Textarea
          {...textarea}
          {...wiring}
          {...register(name)}
          defaultValue={get(formState.defaultValues, name)}
        />
      )}
    </Field>
  )
}

type SelectFieldProps = FieldFrame & { name: string; options: readonly Option[]; placeholder?: string }

/** One of a few in a form. */
export function SelectField({ name, label, hint, optional, className, ...select }: SelectFieldProps) {
  const { register, formState } = useFormContext()
  return (
    <Field {...{ label, hint, optional, className }} error={useFieldError(name)}>
      {(wiring) => (
        <Select
          {...select}
          {...wiring}
          {...register(name)}
          defaultValue={get(formState.defaultValues, name) ?? ''}
        />
      )}
    </Field>
  )
}

function numberOrNothing(value: unknown): number | undefined {
  return value === '' || value === undefined || value === null ? undefined : Number(value)
}
