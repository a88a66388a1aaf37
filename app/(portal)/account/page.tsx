import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { EndOtherSessionsButton } from '@/components/account/end-session-button'
import { PasswordForm } from '@/components/account/password-form'
import { ProfileForm } from '@/components/account/profile-form'
import { SessionsTable } from '@/components/account/sessions-table'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { Facts, Panel } from '@/components/ui/panel'
import { countSessions, getProfile, listSessions } from '@/lib/account/queries'
import { formatCount } from '@/lib/format'

export const metadata: Metadata = { title: 'Account' }

export default function AccountPage() {
  return portalPage(async (ctx) => {
    const { name, email, role, tenantName } = await getProfile(ctx)
    const sessions = await listSessions(ctx)
    const total = await countSessions(ctx)
    const more = total > sessions.length
    return (
      <>
        <PageHeader title="Account" description={email} />
        <PageBody>
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <Panel title="Profile">
              <div className="flex flex-col gap-5">
                <Facts
                  rows={[
                    ['E-mail address', email],
                    ['Organisation', tenantName],
                    ['Role', role ?? 'In single factories only'],
                  ]}
                />
                <ProfileForm name={name} />
              </div>
            </Panel>
            <Panel title="Password">
              <PasswordForm email={email} />
            </Panel>
          </div>
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 className="font-semibold">Sessions</h2>
            {total > 1 ? <EndOtherSessionsButton count={total - 1} /> : null}
          </div>
          <SessionsTable
            sessions={sessions}
            summary={more ? `The ${sessions.length} used last of ${formatCount(total)}` : undefined}
          />
        </PageBody>
      </>
    )
  })
}
