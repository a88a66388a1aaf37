import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { SignInForm } from '@/components/auth/sign-in-form'
import { AuthShell } from '@/components/shell/app-shell'
import { safeReturnPath } from '@/lib/auth/return-path'
import { findActor } from '@/lib/auth/session'
import { paths } from '@/lib/paths'
import { isPortalSetUp } from '@/lib/setup/state'

export const metadata: Metadata = { title: 'Sign in' }

type SignInPageProps = { searchParams: Promise<{ returnTo?: string | string[] }> }

export default async function SignInPage({ searchParams }: SignInPageProps) {
  const { returnTo } = await searchParams
  const target = safeReturnPath(typeof returnTo === 'string' ? returnTo : null)
  if (await findActor()) redirect(target)
  if (!(await isPortalSetUp())) redirect(paths.setup())
  return (
    <AuthShell title="Sign in" description="Sessions end after 30 minutes without use.">
      <SignInForm returnTo={target} />
    </AuthShell>
  )
}
