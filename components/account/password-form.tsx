'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { FormPage } from '@/components/form/form-page'
import { TextField } from '@/components/form/text-field'
import { toast } from '@/components/ui/toast'
import { changePasswordAction } from '@/lib/account/actions'
import { formatQuantity } from '@/lib/format'

/** Asks for the present password, and starts empty again once it is changed. */
export function PasswordForm({ email }: { email: string }) {
  const router = useRouter()
  const [round, setRound] = useState(0)
  return (
    <FormPage
      key={round}
      schema={async () => (await import('@/lib/account/schemas')).ChangePasswordInput}
      defaultValues={{ currentPassword: '', newPassword: '' }}
      action={changePasswordAction}
      onDone={({ endedSessions }) => {
        toast.ok('Your password is changed', endedWords(endedSessions))
        setRound(round + 1)
        router.refresh()
      }}
      submitLabel="Change password"
    >
      {/* For password managers, which file the new password under this name. */}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <TextField
        name="currentPassword"
        label="Present password"
        type="password"
        autoComplete="current-password"
      />
      <TextField
        name="newPassword"
        label="New password"
        type="password"
        autoComplete="new-password"
        hint="At least 12 characters; a few words will do. Every other session of yours ends."
      />
    </FormPage>
  )
}

function endedWords(count: number): string | undefined {
  return count > 0 ? `${formatQuantity(count, 'other session')} ended.` : undefined
}
