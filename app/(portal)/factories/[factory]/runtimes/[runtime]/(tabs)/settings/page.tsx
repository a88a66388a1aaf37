import { portalPage } from '@/app/portal-page'
import { RuntimeSettingsForm } from '@/components/runtimes/runtime-settings-form'
import { Panel } from '@/components/ui/panel'
import { whyNot } from '@/lib/permissions'
import { getRuntimeByName } from '@/lib/runtimes/queries'

type SettingsPageProps = { params: Promise<{ factory: string; runtime: string }> }

export default async function SettingsPage({ params }: SettingsPageProps) {
  const { factory, runtime: name } = await params
  return portalPage(async (ctx) => {
    const runtime = await getRuntimeByName(ctx, factory, name)
    const { id, description, admission, leaseSeconds } = runtime
    return (
      <Panel title="Settings">
        <RuntimeSettingsForm
          runtime={{ id, description, admission, leaseSeconds }}
          disabledReason={whyNot(ctx.actor, 'runtimes.write', runtime)}
        />
      </Panel>
    )
  })
}
