'use client'

import { useId, useState, type BaseSyntheticEvent } from 'react'
import {
  useForm,
  type DefaultValues,
  type FieldValues,
  type Path,
  type Resolver,
  type UseFormReturn,
} from 'react-hook-form'
import type { z } from 'zod'
import type { ActionError, ActionResult } from '@/lib/action-result'
import { callAction } from './call-action'

type Schema<Values> = z.ZodType<unknown, Values>

export type ActionFormSpec<Values extends FieldValues, Data> = {
  /**
   * The schema that the command parses with; as a function it is fetched when something is first checked:
   * `async () => (await import('@/lib/factories/schemas')).CreateFactoryInput`.
   */
  schema: Schema<Values> | (() => Promise<Schema<Values>>)
  defaultValues: DefaultValues<Values>
  /** A server action, or a function around one that seals a secret first. It gets what was typed, unparsed. */
  action: (values: Values) => Promise<ActionResult<Data>>
  onDone?: ((data: Data, values: Values) => void) | undefined
  /** What stays in the fields of a form that stays, out of what was saved: a secret does not. */
  reset?: ((values: Values) => Values) | undefined
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
    resolver: resolveLate(spec.schema),
    defaultValues: spec.defaultValues,
    mode: 'onTouched',
  })

  const send = form.handleSubmit(async (values) => {
    setFailure(null)
    const result = await callAction(spec.action, values)
    if (result.ok) {
      form.reset(spec.reset?.(values) ?? values)
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

/** Checking costs 32 kB of script, which no page should wait for before anything was typed. */
function resolveLate<Values extends FieldValues>(
  schema: ActionFormSpec<Values, never>['schema'],
): Resolver<Values, unknown, Values> {
  return async (...typed) => {
    const [{ zodResolver }, known] = await Promise.all([
      import('@hookform/resolvers/zod'),
      typeof schema === 'function' ? schema() : schema,
    ])
    return zodResolver(known, undefined, { raw: true })(...typed)
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
