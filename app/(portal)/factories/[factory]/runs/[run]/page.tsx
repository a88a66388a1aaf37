import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { RunPage } from '@/components/runs/run-page'
import { whyNot } from '@/lib/permissions'
import { getRun } from '@/lib/runs/queries'
import { RunView } from '@/lib/runs/schemas'

type PageProps = {
  params: Promise<{ factory: string; run: string }>
  searchParams: Promise<Record<string, string | string[]>>
}

export const metadata: Metadata = { title: 'Run' }

export default async function Page({ params, searchParams }: PageProps) {
  const { run: runId } = await params
  const view = RunView.parse(await searchParams)
  return await portalPage(async (ctx) => {
    const run = await getRun(ctx, runId, view)
    const scope = { tenantId: ctx.actor.tenantId, factoryId: run.factoryId }
    const rights = {
      cancel: whyNot(ctx.actor, 'runs.cancel', scope),
      start: whyNot(ctx.actor, 'runs.start', scope),
    }
    return <RunPage initial={run} initialView={view} rights={rights} />
  })
}
