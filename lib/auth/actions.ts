'use server'

import { cookies } from 'next/headers'
import type { ActionResult } from '@/lib/action-result'
import { isSecure, readSessionToken, sessionCookieName } from '@/lib/auth/session-cookie'
import { signOut } from '@/lib/auth/sign-in'
import { database } from '@/lib/db/client'

/**
 * Ends the session in the database, then takes its cookie away. The page goes on by itself: a redirect from here would have
 * Next fetch the next page over a network address of its own making, cookies included.
 */
export async function signOutAction(): Promise<ActionResult<null>> {
  const jar = await cookies()
  const token = await readSessionToken(jar.get(sessionCookieName())?.value)
  if (token) await signOut(database(), token)
  // A `__Host-` cookie goes only by a cookie with the same attributes.
  jar.set(sessionCookieName(), '', {
    path: '/',
    secure: isSecure(),
    httpOnly: true,
    sameSite: 'lax',
    maxAge: 0,
  })
  return { ok: true, data: null }
}
