import type { NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { authOptions } from '@/lib/auth/options'

type AuthRoute = { params: Promise<{ nextauth: string[] }> }

const handle = (request: NextRequest, route: AuthRoute): Promise<Response> =>
  NextAuth(request, route, authOptions())

export { handle as GET, handle as POST }
