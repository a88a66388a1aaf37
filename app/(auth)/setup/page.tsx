import type { Metadata } from 'next'
import { connection } from 'next/server'
import { SetupForm } from '@/components/setup/setup-form'
import { AuthShell } from '@/components/shell/app-shell'
import { ButtonLink } from '@/components/ui/button'
import { paths } from '@/lib/paths'
import { isPortalSetUp } from '@/lib/setup/state'

export const metadata: Metadata = { title: 'Set up' }

export default async function SetupPage() {
  await connection()
  if (await isPortalSetUp()) return <AlreadySetUp />
  return (
    <AuthShell
      title="Set up Sallyport"
      description="This portal is new. Make your organisation and its first owner."
    >
      <SetupForm />
    </AuthShell>
  )
}

function AlreadySetUp() {
  return (
    <AuthShell
      title="Sallyport is set up"
      description="This portal has its owner already, so this page has nothing left to do."
    >
      <ButtonLink variant="primary" href={paths.signIn()}>
        Go to sign-in
      </ButtonLink>
    </AuthShell>
  )
}
