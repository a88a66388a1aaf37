'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { isSecure, readSessionToken, sessionCookieName } from '@/lib/auth/session-cookie'
import { signOut } from '@/lib/auth/sign-in'
import { database } from '@/lib/db/client'
import { paths } from '@/lib/paths'

/** Ends the session in the database, then takes its cookie away. */
export async function signOutAction(): Promise<void> {
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
  redirect(paths.signIn())
}
