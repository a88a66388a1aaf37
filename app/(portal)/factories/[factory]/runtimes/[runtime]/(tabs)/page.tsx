import { portalPage } from '@/app/portal-page'
import { readNodesQuery, type SearchParams } from '@/app/search-params'
import { NodesTable } from '@/components/nodes/nodes-table'
import { whyNot } from '@/lib/permissions'
import { getRuntimeByName, getRuntimeLive } from '@/lib/runtimes/queries'

type NodesPageProps = { params: Promise<{ factory: string; runtime: string }>; searchParams: SearchParams }

export default async function NodesPage({ params, searchParams }: NodesPageProps) {
  const { factory, runtime: name } = await params
  const view = readNodesQuery(await searchParams)
  return portalPage(async (ctx) => {
    const runtime = await getRuntimeByName(ctx, factory, name)
    const live = await getRuntimeLive(ctx, runtime.id, view)
    return (
      <NodesTable
        factory={runtime.factoryName}
        runtime={{ id: runtime.id, name: runtime.name }}
        initial={live}
        view={view}
        rights={{
          write: whyNot(ctx.actor, 'nodes.write', runtime),
          cordon: whyNot(ctx.actor, 'nodes.cordon', runtime),
          remove: whyNot(ctx.actor, 'nodes.remove', runtime),
        }}
      />
    )
  })
}
