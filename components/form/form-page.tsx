'use client'

import type { ReactNode } from 'react'
import { FormProvider, type FieldValues } from 'react-hook-form'
import { Button } from '@/components/ui/button'
import { FormError } from './form-error'
import { LeaveGuard } from './leave-guard'
import { useActionForm, type ActionFormSpec } from './use-action-form'

type FormPageProps<Values extends FieldValues, Data> = ActionFormSpec<Values, Data> & {
  submitLabel: string
  submitDisabledReason?: string | null | undefined
  /** More buttons, before the submit button. */
  actions?: ReactNode
  children: ReactNode
}

/** A long form as (part of) a page. Leaving it with something typed asks first. */
export function FormPage<Values extends FieldValues, Data>(props: FormPageProps<Values, Data>) {
  const { submitLabel, submitDisabledReason, actions, children } = props
  const { form, formId, pending, dirty, failure, submit } = useActionForm(props)
  return (
    <FormProvider {...form}>
      <form
        id={formId}
        onSubmit={(event) => void submit(event)}
        noValidate
        className="flex max-w-160 flex-col gap-5"
      >
        {children}
        <FormError failure={failure} />
        <div className="flex flex-wrap gap-2">
          {actions}
          <Button variant="primary" type="submit" pending={pending} disabledReason={submitDisabledReason}>
            {submitLabel}
          </Button>
        </div>
      </form>
      <LeaveGuard dirty={dirty && !pending} />
    </FormProvider>
  )
}
