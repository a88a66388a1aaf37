'use client'

import { FormProvider } from 'react-hook-form'
import { FormError } from '@/components/form/form-error'
import { TextField } from '@/components/form/text-field'
import { useActionForm } from '@/components/form/use-action-form'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { passwordSignIn } from './password-sign-in'

type SignInAgainProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  email: string
  hasEnded: boolean
  onSignedIn: () => void
}

/** Signs in over the page that is open, which keeps what was typed into it. */
export function SignInAgain({ email, hasEnded, onSignedIn, ...dialog }: SignInAgainProps) {
  const { form, formId, pending, failure, submit } = useActionForm({
    schema: async () => (await import('@/lib/account/schemas')).SignInInput,
    defaultValues: { email, password: '' },
    action: passwordSignIn,
    onDone: () => {
      form.reset({ email, password: '' })
      onSignedIn()
    },
  })
  return (
    <Dialog
      {...dialog}
      title={hasEnded ? 'Your session has ended' : 'Sign in again'}
      description="Go on where you are: what you typed on this page is still here."
      footer={
        <Button variant="primary" type="submit" form={formId} pending={pending}>
          Sign in
        </Button>
      }
    >
      <FormProvider {...form}>
        <form id={formId} onSubmit={(event) => void submit(event)} noValidate className="flex flex-col gap-4">
          <TextField name="email" label="E-mail address" type="email" autoComplete="username" />
          <TextField name="password" label="Password" type="password" autoComplete="current-password" />
          <FormError failure={failure} />
        </form>
      </FormProvider>
    </Dialog>
  )
}
