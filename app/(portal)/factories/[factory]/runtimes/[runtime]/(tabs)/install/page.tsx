import { portalPage } from '@/app/portal-page'
import { AuthKeysPanel } from '@/components/auth-keys/auth-keys-panel'
import { InstallPanel } from '@/components/enrolment-links/install-panel'
import { LinksTable } from '@/components/enrolment-links/links-table'
import { listAuthKeys } from '@/lib/auth-keys/queries'
import { getInstallSource, listEnrolmentLinks } from '@/lib/enrolment-links/queries'
import { paths } from '@/lib/paths'
import { can, whyNot } from '@/lib/permissions'
import { getRuntimeByName, getRuntimeLive } from '@/lib/runtimes/queries'

type InstallPageProps = { params: Promise<{ factory: string; runtime: string }> }

export default async function InstallPage({ params }: InstallPageProps) {
  const { factory, runtime: name } = await params
  return portalPage(async (ctx) => {
    const { actor } = ctx
    const runtime = await getRuntimeByName(ctx, factory, name)
    const source = await getInstallSource(ctx, runtime.id)
    const mayNotWrite = whyNot(actor, 'enrolmentLinks.write', runtime)
    return (
      <>
        <InstallPanel
          factory={runtime.factoryName}
          runtime={{ id: runtime.id, name: runtime.name }}
          source={source}
          initial={await getRuntimeLive(ctx, runtime.id)}
          disabledReason={mayNotWrite}
        />
        {can(actor, 'enrolmentLinks.read', runtime) ? (
          <LinksTable
            links={await listEnrolmentLinks(ctx, runtime.id)}
            nodeHref={(nodeId) => paths.node(runtime.factoryName, runtime.name, nodeId)}
            mayNotRevoke={mayNotWrite}
          />
        ) : null}
        <AuthKeysPanel
          runtimeId={runtime.id}
          keys={await listAuthKeys(ctx, runtime.id)}
          source={source}
          whyNot={{
            reveal: whyNot(actor, 'authKeys.read', runtime),
            regenerate: whyNot(actor, 'authKeys.regenerate', runtime),
          }}
        />
      </>
    )
  })
}
