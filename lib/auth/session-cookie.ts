import { decode } from 'next-auth/jwt'
import { portal, portalKey } from '@/lib/portal'

/** A session ends this long after its last use, and in any case this long after sign-in (blueprint, section 4). */
export const sessionIdleMs = 30 * 60_000
export const sessionMaxMs = 12 * 60 * 60_000

/** The `__Host-` prefix makes a browser refuse the cookie unless it is Secure, for the whole site and for this host only. */
export function sessionCookieName(): string {
  return isSecure() ? '__Host-sallyport.session' : 'sallyport.session'
}
export function isSecure(): boolean {
  return portal().publicUrl.startsWith('https://')
}

/** What next-auth encrypts the cookie with. */
export function sessionSecret(): string {
  return portalKey('session').toString('base64')
}

/** The random token inside the encrypted cookie; null for a foreign, altered or expired one. */
export async function readSessionToken(cookie: string | undefined): Promise<string | null> {
  if (!cookie) return null
  const claims = await decode({ token: cookie, secret: sessionSecret() }).catch(() => null)
  return typeof claims?.['sessionToken'] === 'string' ? claims['sessionToken'] : null
}
