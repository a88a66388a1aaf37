import type { Metadata } from 'next'
import { portalPage, portalTitle } from '@/app/portal-page'
import { RunPage } from '@/components/runs/run-page'
import { whyNot } from '@/lib/permissions'
import { loadRun, type RunPageProps } from '../load'

export async function generateMetadata(props: RunPageProps): Promise<Metadata> {
  return await portalTitle('Run', async (ctx) => (await loadRun(ctx, props)).run.pipelineName)
}

export default async function Page(props: RunPageProps) {
  return await portalPage(async (ctx) => {
    const { run, view } = await loadRun(ctx, props)
    const scope = { tenantId: ctx.actor.tenantId, factoryId: run.factoryId }
    const rights = {
      cancel: whyNot(ctx.actor, 'runs.cancel', scope),
      start: whyNot(ctx.actor, 'runs.start', scope),
    }
    return <RunPage initial={run} initialView={view} rights={rights} />
  })
}
