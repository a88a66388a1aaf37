'use client'

import { passwordSignIn } from '@/components/auth/password-sign-in'
import { FormPage } from '@/components/form/form-page'
import { TextField } from '@/components/form/text-field'
import { paths } from '@/lib/paths'
import { completeSetupAction } from '@/lib/setup/actions'

/** Makes the organisation and its owner, and signs the owner in. */
export function SetupForm() {
  return (
    <FormPage
      schema={async () => (await import('@/lib/setup/schemas')).CompleteSetupInput}
      defaultValues={{ code: '', tenantName: '', name: '', email: '', password: '' }}
      action={completeSetupAction}
      onDone={(_data, { email, password }) => void signInFirstOwner(email, password)}
      submitLabel="Set up Sallyport"
    >
      <TextField
        name="code"
        label="Setup code"
        hint="The portal printed it on its console when it started."
        mono
        autoComplete="off"
        spellCheck={false}
      />
      <TextField name="tenantName" label="Organisation" autoComplete="organization" />
      <TextField name="name" label="Your name" autoComplete="name" />
      <TextField name="email" label="E-mail address" type="email" autoComplete="username" />
      <TextField
        name="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        hint="At least 12 characters; a few words will do."
      />
    </FormPage>
  )
}

async function signInFirstOwner(email: string, password: string): Promise<void> {
  const { ok } = await passwordSignIn({ email, password })
  window.location.assign(ok ? paths.factories() : paths.signIn())
}
