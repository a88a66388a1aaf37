'use client'

import { FormPage } from '@/components/form/form-page'
import { TextField } from '@/components/form/text-field'
import { passwordSignIn } from './password-sign-in'

/** `returnTo` was checked by the page: a path of this portal. */
export function SignInForm({ returnTo }: { returnTo: string }) {
  return (
    <FormPage
      schema={async () => (await import('@/lib/account/schemas')).SignInInput}
      defaultValues={{ email: '', password: '' }}
      action={passwordSignIn}
      // A full load: everything that the page before knew belongs to nobody now.
      onDone={() => window.location.assign(returnTo)}
      submitLabel="Sign in"
    >
      <TextField name="email" label="E-mail address" type="email" autoComplete="username" />
      <TextField name="password" label="Password" type="password" autoComplete="current-password" />
    </FormPage>
  )
}
