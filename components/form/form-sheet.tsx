'use client'

import { useEffect, useState, type ReactNode } from 'react'
import { FormProvider, type FieldValues } from 'react-hook-form'
import { Button } from '@/components/ui/button'
import { Sheet } from '@/components/ui/dialog'
import { FormError } from './form-error'
import { DiscardDialog, LeaveGuard } from './leave-guard'
import { useActionForm, type ActionFormSpec } from './use-action-form'

type FormSheetProps<Values extends FieldValues, Data> = ActionFormSpec<Values, Data> & {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  /** A verb and the thing: "Create factory". */
  submitLabel: string
  /** Why it cannot be submitted now. */
  submitDisabledReason?: string | null | undefined
  size?: 'md' | 'lg'
  /** Fields: TextField, SelectField, … with the names of the schema. */
  children: ReactNode
}

/**
 * A short form in a side sheet. It closes itself when the action succeeded; closing it with something typed asks
 * first; each opening starts from `defaultValues`.
 */
export function FormSheet<Values extends FieldValues, Data>(props: FormSheetProps<Values, Data>) {
  const {
    open,
    onOpenChange,
    title,
    description,
    submitLabel,
    submitDisabledReason,
    size = 'md',
    children,
  } = props
  const [asking, setAsking] = useState(false)
  const { form, formId, pending, dirty, failure, submit, forget } = useActionForm({
    ...props,
    onDone: (data, values) => {
      onOpenChange(false)
      props.onDone?.(data, values)
    },
  })
  useEffect(() => {
    if (open) forget()
    // Only the opening starts afresh: defaults that change while somebody types must not overwrite it.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [open])

  return (
    <>
      <Sheet
        open={open}
        onOpenChange={(next) => {
          if (!next && dirty) setAsking(true)
          else if (!pending) onOpenChange(next)
        }}
        title={title}
        description={description}
        size={size}
        footer={
          <>
            <Button onClick={() => (dirty ? setAsking(true) : onOpenChange(false))}>Cancel</Button>
            <Button
              variant="primary"
              type="submit"
              form={formId}
              pending={pending}
              disabledReason={submitDisabledReason}
            >
              {submitLabel}
            </Button>
          </>
        }
      >
        <FormProvider {...form}>
          <form
            id={formId}
            onSubmit={(event) => void submit(event)}
            noValidate
            className="flex flex-col gap-4"
          >
            {children}
            <FormError failure={failure} />
          </form>
        </FormProvider>
      </Sheet>
      <LeaveGuard dirty={open && dirty} />
      <DiscardDialog
        open={asking}
        onKeep={() => setAsking(false)}
        onDiscard={() => {
          setAsking(false)
          onOpenChange(false)
        }}
      />
    </>
  )
}
