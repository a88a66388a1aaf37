import type { ReactNode } from 'react'
import { SessionWatch } from '@/components/auth/session-watch'
import { AppShell } from '@/components/shell/app-shell'
import { getProfile, getSessionLeft } from '@/lib/account/queries'
import { signOutAction } from '@/lib/auth/actions'
import { requireContext } from '@/lib/auth/session'

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const ctx = await requireContext()
  const [{ tenantName, name, email, role }, left] = await Promise.all([getProfile(ctx), getSessionLeft(ctx)])
  return (
    <AppShell tenant={tenantName} user={{ name, email, role }} signOut={signOutAction}>
      {children}
      <SessionWatch initial={left} email={email} />
    </AppShell>
  )
}
