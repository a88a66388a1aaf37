import { apiRoute } from '@/lib/api-route'
import { parseInput } from '@/lib/command'
import { getRun } from '@/lib/runs/queries'
import { RunView } from '@/lib/runs/schemas'

export const GET = apiRoute<{ run: string }>(async (ctx, { params, searchParams }) =>
  getRun(ctx, params.run, parseInput(RunView, Object.fromEntries(searchParams))),
)
