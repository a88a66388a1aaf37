import 'server-only'
import type { AuthOptions } from 'next-auth'
import { decode } from 'next-auth/jwt'
import CredentialsProvider from 'next-auth/providers/credentials'
import { cookies, headers } from 'next/headers'
import { authorize } from '@/lib/auth/authorize'
import { clientAddress } from '@/lib/auth/client-address'
import { safeReturnPath } from '@/lib/auth/return-path'
import {
  isSecure,
  readSessionToken,
  sessionCookieName,
  sessionMaxMs,
  sessionSecret,
} from '@/lib/auth/session-cookie'
import { findSessionActor } from '@/lib/auth/sessions'
import { type SignInClient, signOut } from '@/lib/auth/sign-in'
import { database } from '@/lib/db/client'
import { log } from '@/lib/log'
import { paths } from '@/lib/paths'

declare module 'next-auth' {
  interface User {
    sessionToken: string
  }
}

/**
 * next-auth carries the flows; the cookie it makes holds a random token and nothing else, and the session row is the
 * truth. SameSite is Lax, because a shared link to a run must open signed in; writes are POSTs that check the origin.
 */
export function authOptions(): AuthOptions {
  const secure = isSecure()
  return {
    secret: sessionSecret(),
    session: { strategy: 'jwt', maxAge: sessionMaxMs / 1000 },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        name: sessionCookieName(),
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
      },
    },
    pages: { signIn: paths.signIn(), signOut: paths.signIn(), error: paths.signIn() },
    providers: [
      CredentialsProvider({
        id: 'password',
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: async (credentials) => await authorize(database(), credentials, await readClient()),
      }),
    ],
    jwt: { decode: decodeLive },
    callbacks: {
      jwt: ({ token, user }) => (user ? { sessionToken: user.sessionToken } : token),
      redirect: ({ url, baseUrl }) => baseUrl + returnPath(url, baseUrl),
    },
    events: {
      signOut: async ({ token }) => {
        const sessionToken = token?.['sessionToken']
        if (typeof sessionToken === 'string') await signOut(database(), sessionToken)
      },
    },
    logger: {
      error: (code, metadata) => log.error({ code, err: metadata }, 'sign-in flow failed'),
      warn: (code) => log.warn({ code }, 'sign-in flow'),
      debug: () => undefined,
    },
  }
}

/** Out of a body of JSON comes anything, not only the text that next-auth promises. */
function returnPath(url: unknown, baseUrl: string): string {
  if (typeof url !== 'string') return '/'
  return safeReturnPath(url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length) : url)
}

async function readClient(): Promise<SignInClient> {
  const sent = await headers()
  const cookie = (await cookies()).get(sessionCookieName())
  return {
    userAgent: sent.get('user-agent') ?? '',
    address: clientAddress(sent),
    previousToken: await readSessionToken(cookie?.value),
  }
}

/** So that next-auth's own session endpoint refuses, and clears the cookie of, a session that was ended elsewhere. */
const decodeLive: NonNullable<NonNullable<AuthOptions['jwt']>['decode']> = async (params) => {
  const claims = await decode(params)
  const token = claims?.['sessionToken']
  if (typeof token !== 'string' || !(await findSessionActor(database(), token)))
    throw new Error('The session has ended')
  return claims
}
