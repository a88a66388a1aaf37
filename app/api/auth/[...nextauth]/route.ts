import type { NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { authOptions } from '@/lib/auth/options'
import { answerBefore, withinPortal } from '@/lib/auth/sign-in-requests'

type AuthRoute = { params: Promise<{ nextauth: string[] }> }

async function handle(request: NextRequest, route: AuthRoute): Promise<Response> {
  const action = (await route.params).nextauth
  // Next-auth would write into the portal's log whatever anybody sends here.
  if (action[0] === '_log') return new Response(null, { status: 204 })
  const refusal = answerBefore(request, action)
  if (refusal) return refusal
  try {
    const answer: Response = await NextAuth(request, route, authOptions())
    return withinPortal(answer)
  } catch (error) {
    if (error instanceof SyntaxError) return new Response('The body is not JSON\n', { status: 400 })
    throw error
  }
}

export { handle as GET, handle as POST }
