import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { portalPage } from '@/app/portal-page'
import { RuntimeActions } from '@/components/runtimes/runtime-actions'
import { RuntimeState } from '@/components/runtimes/runtime-state'
import { RuntimeTabs } from '@/components/runtimes/runtime-tabs'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { whyNot } from '@/lib/permissions'
import { getRuntimeByName, getRuntimeLive, listRuntimeUsers } from '@/lib/runtimes/queries'

type RuntimeParams = { params: Promise<{ factory: string; runtime: string }> }

export async function generateMetadata({ params }: RuntimeParams): Promise<Metadata> {
  return { title: (await params).runtime }
}

/** The top of a runtime's page, whichever tab is open. */
export default async function RuntimeLayout({ params, children }: RuntimeParams & { children: ReactNode }) {
  const { factory, runtime: name } = await params
  return portalPage(async (ctx) => {
    const runtime = await getRuntimeByName(ctx, factory, name)
    const live = await getRuntimeLive(ctx, runtime.id)
    const mayNotDelete = whyNot(ctx.actor, 'runtimes.delete', runtime)
    return (
      <>
        <PageHeader
          title={runtime.name}
          description={runtime.description || undefined}
          state={<RuntimeState runtimeId={runtime.id} initial={live} />}
          actions={
            <RuntimeActions
              factory={runtime.factoryName}
              runtime={{ id: runtime.id, name: runtime.name, nodes: live.nodeCount }}
              users={await listRuntimeUsers(ctx, runtime.id)}
              mayNotDelete={mayNotDelete}
            />
          }
          tabs={<RuntimeTabs factory={runtime.factoryName} runtime={runtime.name} nodes={live.nodeCount} />}
        />
        <PageBody>{children}</PageBody>
      </>
    )
  })
}
