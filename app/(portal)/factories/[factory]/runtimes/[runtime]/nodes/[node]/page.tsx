import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { portalPage } from '@/app/portal-page'
import { NodePage } from '@/components/nodes/node-page'
import { getNode, listNodeCredentials, listVaultMembers } from '@/lib/nodes/queries'
import { whyNot } from '@/lib/permissions'
import { getRuntimeByName } from '@/lib/runtimes/queries'

export const metadata: Metadata = { title: 'Node' }

type NodePageProps = { params: Promise<{ factory: string; runtime: string; node: string }> }

export default async function NodeRoute({ params }: NodePageProps) {
  const { factory, runtime: name, node: nodeId } = await params
  return portalPage(async (ctx) => {
    const runtime = await getRuntimeByName(ctx, factory, name)
    const node = await getNode(ctx, nodeId)
    if (node.runtimeId !== runtime.id) notFound()
    return (
      <NodePage
        factory={runtime.factoryName}
        runtime={runtime.name}
        members={await listVaultMembers(ctx, runtime.id)}
        initial={{ node, credentials: await listNodeCredentials(ctx, nodeId) }}
        rights={{
          write: whyNot(ctx.actor, 'nodes.write', runtime),
          cordon: whyNot(ctx.actor, 'nodes.cordon', runtime),
          remove: whyNot(ctx.actor, 'nodes.remove', runtime),
        }}
      />
    )
  })
}
