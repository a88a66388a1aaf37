'use client'

import type { ReactNode } from 'react'
import { get, useFormContext } from 'react-hook-form'
import { Checkbox } from '@/components/ui/choice'

type CheckboxFieldProps = { name: string; label: ReactNode; hint?: ReactNode }

/** Yes or no in a form. */
export function CheckboxField({ name, label, hint }: CheckboxFieldProps) {
  const { register, formState } = useFormContext()
  return (
    <Checkbox
      label={label}
      hint={hint}
      {...register(name)}
      defaultChecked={get(formState.defaultValues, name) === true}
    />
  )
}
