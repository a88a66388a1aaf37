import { apiRoute } from '@/lib/api-route'
import { parseInput } from '@/lib/command'
import { waitForInteractiveAnswer } from '@/lib/interactive/queries'
import { InteractiveWaitQuery } from '@/lib/interactive/schemas'

/** Shorter than any proxy's patience; the browser asks again. */
const holdMs = 10_000

export const GET = apiRoute<{ task: string }>(async (ctx, { params, searchParams, signal }) => {
  const { task, seen } = parseInput(InteractiveWaitQuery, { ...params, ...Object.fromEntries(searchParams) })
  return await waitForInteractiveAnswer(ctx, task, { seen: seen ?? null, holdMs, signal })
})
