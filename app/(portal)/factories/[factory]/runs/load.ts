import { cache } from 'react'
import type { UserContext } from '@/lib/auth/session'
import { getRun } from '@/lib/runs/queries'
import { RunView } from '@/lib/runs/schemas'

export type RunPageProps = {
  params: Promise<{ factory: string; run: string }>
  searchParams: Promise<Record<string, string | string[]>>
}

/** A run as the address wants to see it; the page and its title share one read. */
export async function loadRun(ctx: UserContext, { params, searchParams }: RunPageProps) {
  const view = RunView.parse(await searchParams)
  return { view, run: await readOnce(ctx, (await params).run, JSON.stringify(view)) }
}

/** Only the same text is the same argument twice: each caller parses a view of its own. */
const readOnce = cache((ctx: UserContext, runId: string, view: string) =>
  getRun(ctx, runId, RunView.parse(JSON.parse(view))),
)
