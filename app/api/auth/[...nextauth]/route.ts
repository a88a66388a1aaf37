import type { NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { authOptions } from '@/lib/auth/options'

type AuthRoute = { params: Promise<{ nextauth: string[] }> }

async function handle(request: NextRequest, route: AuthRoute): Promise<Response> {
  const [action] = (await route.params).nextauth
  // Next-auth would write into the portal's log whatever anybody sends here.
  if (action === '_log') return new Response(null, { status: 204 })
  try {
    return await NextAuth(request, route, authOptions())
  } catch (error) {
    if (error instanceof SyntaxError) return new Response('The body is not JSON\n', { status: 400 })
    throw error
  }
}

export { handle as GET, handle as POST }
