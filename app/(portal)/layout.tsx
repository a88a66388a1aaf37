import type { ReactNode } from 'react'
import { AppShell } from '@/components/shell/app-shell'
import { getProfile } from '@/lib/account/queries'
import { signOutAction } from '@/lib/auth/actions'
import { requireContext } from '@/lib/auth/session'

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const { tenantName, name, email, role } = await getProfile(await requireContext())
  return (
    <AppShell tenant={tenantName} user={{ name, email, role }} signOut={signOutAction}>
      {children}
    </AppShell>
  )
}
