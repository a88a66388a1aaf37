import 'server-only'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { shownAddress } from '@/lib/auth/return-path'
import { readSessionToken, sessionCookieName } from '@/lib/auth/session-cookie'
import { findSessionActor, touchSession, type UserActor } from '@/lib/auth/sessions'
import type { Context } from '@/lib/command'
import { database } from '@/lib/db/client'
import { isDatabaseFull } from '@/lib/db/database-error'
import { unauthenticated } from '@/lib/errors'
import { paths } from '@/lib/paths'

export type UserContext = Context & { actor: UserActor }

/** The signed-in user of this request, read from the database once per request; null when signed out. */
export const findActor = cache(async (): Promise<UserActor | null> => {
  const cookie = (await cookies()).get(sessionCookieName())
  const token = await readSessionToken(cookie?.value)
  return token === null ? null : await findSessionActor(database(), token)
})

/** For server actions: the user, or `unauthenticated`. Counts as activity of the session. */
export async function requireActor(): Promise<UserActor> {
  const actor = await findActor()
  if (!actor) throw unauthenticated()
  await noteUse(actor)
  return actor
}

/**
 * For pages: what queries take, or a redirect to the sign-in page that leads back here. One context per request, so that
 * reads which a page and its title share are known again.
 */
export const requireContext = cache(async (): Promise<UserContext> => {
  const actor = await findActor()
  if (!actor) redirect(await signInPath())
  await noteUse(actor)
  return { actor, db: database() }
})

/** For GET route handlers that pages ask by themselves: throws `unauthenticated`, and does not keep a session alive. */
export async function apiContext(): Promise<UserContext> {
  const actor = await findActor()
  if (!actor) throw unauthenticated()
  return { actor, db: database() }
}

/** A page says that somebody is using it. */
export async function keepSession({ actor }: UserContext): Promise<void> {
  await noteUse(actor)
}

/** What is there can be read also while a full disk keeps the database from noting that somebody reads it. */
async function noteUse({ sessionId }: UserActor): Promise<void> {
  try {
    await touchSession(database(), sessionId)
  } catch (error) {
    if (!isDatabaseFull(error)) throw error
  }
}

/** `x-sallyport-path` is set by server/request-gate.ts for every page, whatever the browser sent. */
async function signInPath(): Promise<string> {
  const requested = (await headers()).get('x-sallyport-path')
  const here = requested && shownAddress(requested)
  return paths.signIn(here && here !== paths.home() ? here : undefined)
}
