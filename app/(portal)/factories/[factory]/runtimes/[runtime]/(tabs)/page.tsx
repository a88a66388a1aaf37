import { portalPage } from '@/app/portal-page'
import { NodesTable } from '@/components/nodes/nodes-table'
import { whyNot } from '@/lib/permissions'
import { getRuntimeByName, getRuntimeLive } from '@/lib/runtimes/queries'

type NodesPageProps = { params: Promise<{ factory: string; runtime: string }> }

export default async function NodesPage({ params }: NodesPageProps) {
  const { factory, runtime: name } = await params
  return portalPage(async (ctx) => {
    const runtime = await getRuntimeByName(ctx, factory, name)
    const live = await getRuntimeLive(ctx, runtime.id)
    return (
      <NodesTable
        factory={runtime.factoryName}
        runtime={{ id: runtime.id, name: runtime.name }}
        initial={live}
        rights={{
          write: whyNot(ctx.actor, 'nodes.write', runtime),
          cordon: whyNot(ctx.actor, 'nodes.cordon', runtime),
          remove: whyNot(ctx.actor, 'nodes.remove', runtime),
        }}
      />
    )
  })
}
