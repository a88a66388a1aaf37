'use client'

import { zodResolver } from '@hookform/resolvers/zod'
import { useId, useState, type BaseSyntheticEvent } from 'react'
import { useForm, type DefaultValues, type FieldValues, type Path, type UseFormReturn } from 'react-hook-form'
import type { z } from 'zod'
import type { ActionError, ActionResult } from '@/lib/action-result'
import { callAction } from './call-action'

export type ActionFormSpec<Values extends FieldValues, Data> = {
  /** The same schema that the command parses with. */
  schema: z.ZodType<unknown, Values>
  defaultValues: DefaultValues<Values>
  /** A server action, or a function around one that seals a secret first. It gets what was typed, unparsed. */
  action: (values: Values) => Promise<ActionResult<Data>>
  onDone?: ((data: Data, values: Values) => void) | undefined
}

export type ActionForm<Values extends FieldValues> = {
  form: UseFormReturn<Values, unknown, Values>
  formId: string
  pending: boolean
  dirty: boolean
  /** What could not be done, where it concerns no single field. */
  failure: ActionError | null
  submit: (event?: BaseSyntheticEvent) => Promise<void>
  /** Back to the default values, without errors. */
  forget: () => void
}

/** A form over a server action: errors land at their field, others at the form, and what was typed stays. */
export function useActionForm<Values extends FieldValues, Data>(
  spec: ActionFormSpec<Values, Data>,
): ActionForm<Values> {
  const formId = useId()
  const [failure, setFailure] = useState<ActionError | null>(null)
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(spec.schema, undefined, { raw: true }),
    defaultValues: spec.defaultValues,
    mode: 'onTouched',
  })

  const send = form.handleSubmit(async (values) => {
    setFailure(null)
    const result = await callAction(spec.action, values)
    if (result.ok) {
      form.reset(values)
      spec.onDone?.(result.data, values)
      return
    }
    setFailure(placeErrors(form, result.error))
  })

  return {
    form,
    formId,
    pending: form.formState.isSubmitting,
    dirty: form.formState.isDirty,
    failure,
    submit: async (event) => {
      event?.stopPropagation()
      await send(event)
    },
    forget: () => {
      setFailure(null)
      form.reset(spec.defaultValues)
    },
  }
}

/** Puts each error at its field and gives back what belongs to the form: the rest, or nothing. */
function placeErrors<Values extends FieldValues>(
  form: UseFormReturn<Values, unknown, Values>,
  error: ActionError,
): ActionError | null {
  const known = Object.entries(error.fields ?? {}).filter(([name]) => hasField(form.getValues(), name))
  known.forEach(([name, messages], index) => {
    form.setError(
      name as Path<Values>,
      { type: 'server', message: messages.join(' ') },
      { shouldFocus: index === 0 },
    )
  })
  const all = known.length > 0 && known.length === Object.keys(error.fields ?? {}).length
  return all ? null : error
}

function hasField(values: FieldValues, name: string): boolean {
  let value: unknown = values
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !(part in value)) return false
    value = (value as Record<string, unknown>)[part]
  }
  return true
}
