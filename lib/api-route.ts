import 'server-only'
import type { NextRequest } from 'next/server'
import { unstable_rethrow } from 'next/navigation'
import { toActionError } from '@/lib/action'
import { apiContext, type UserContext } from '@/lib/auth/session'
import { statusByCode } from '@/lib/errors'

type RouteParams<Params> = { params: Promise<Params> }

/** A GET route handler out of a read: the session's user, the answer as JSON, and every error as `{ error }` with its status. */
export function apiRoute<Params = Record<string, never>>(
  read: (
    ctx: UserContext,
    request: { params: Params; searchParams: URLSearchParams; signal: AbortSignal },
  ) => Promise<unknown>,
) {
  return async (request: NextRequest, route: RouteParams<Params>): Promise<Response> => {
    const headers = { 'cache-control': 'no-store' }
    try {
      const ctx = await apiContext()
      const { searchParams } = request.nextUrl
      const data = await read(ctx, { params: await route.params, searchParams, signal: request.signal })
      return Response.json(data, { headers })
    } catch (error) {
      unstable_rethrow(error)
      const answer = toActionError(error)
      return Response.json({ error: answer }, { status: statusByCode[answer.code], headers })
    }
  }
}
