import { portalPage } from '@/app/portal-page'
import { RuntimeSettingsForm } from '@/components/runtimes/runtime-settings-form'
import { StrictNote } from '@/components/runtimes/strict-note'
import { Panel } from '@/components/ui/panel'
import { whyNot } from '@/lib/permissions'
import { getRuntimeByName } from '@/lib/runtimes/queries'

type SettingsPageProps = { params: Promise<{ factory: string; runtime: string }> }

export default async function SettingsPage({ params }: SettingsPageProps) {
  const { factory, runtime: name } = await params
  return portalPage(async (ctx) => {
    const runtime = await getRuntimeByName(ctx, factory, name)
    const { id, description, admission, leaseSeconds, strictSince } = runtime
    return (
      <Panel title="Settings">
        <StrictNote admission={admission} since={strictSince} />
        <RuntimeSettingsForm
          runtime={{ id, description, admission, leaseSeconds }}
          disabledReason={whyNot(ctx.actor, 'runtimes.write', runtime)}
        />
      </Panel>
    )
  })
}
