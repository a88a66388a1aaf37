import type { Metadata } from 'next'
import { portalPage, portalTitle } from '@/app/portal-page'
import { NodePage } from '@/components/nodes/node-page'
import { listNodeCredentials, listVaultMembers } from '@/lib/nodes/queries'
import { whyNot } from '@/lib/permissions'
import { loadNode, type NodePageProps } from '../load'

export async function generateMetadata(props: NodePageProps): Promise<Metadata> {
  return await portalTitle('Node', async (ctx) => (await loadNode(ctx, props)).node.displayName)
}

export default async function NodeRoute(props: NodePageProps) {
  return portalPage(async (ctx) => {
    const { runtime, node } = await loadNode(ctx, props)
    return (
      <NodePage
        factory={runtime.factoryName}
        runtime={runtime.name}
        members={await listVaultMembers(ctx, runtime.id)}
        initial={{ node, credentials: await listNodeCredentials(ctx, node.id) }}
        rights={{
          write: whyNot(ctx.actor, 'nodes.write', runtime),
          cordon: whyNot(ctx.actor, 'nodes.cordon', runtime),
          remove: whyNot(ctx.actor, 'nodes.remove', runtime),
        }}
      />
    )
  })
}
