import type { User } from 'next-auth'
import { toActionError } from '@/lib/action'
import { signIn, type SignInClient, type SignInOutcome } from '@/lib/auth/sign-in'
import type { Db } from '@/lib/db/client'
import { isStorable } from '@/lib/storable'

/**
 * Next-auth's question who these credentials belong to; null: nobody. What is thrown here travels to the browser in an
 * address, so only texts for people leave: `wait:<seconds>` and `<code>:<sentence>`, which
 * components/auth/password-sign-in.ts knows by heart.
 */
export async function authorize(
  db: Db,
  credentials: Record<string, unknown> | undefined,
  client: SignInClient,
): Promise<User | null> {
  const { email = '', password = '' } = credentials ?? {}
  if (!isText(email, 320) || !isText(password, 1000)) return null
  const outcome = await signInOrSayWhy(db, { email, password }, client)
  if (outcome.ok) return { id: outcome.userId, sessionToken: outcome.token }
  if (outcome.reason === 'wait') throw new Error(`wait:${Math.ceil(outcome.waitMs / 1000)}`)
  return null
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength && isStorable(value)
}

async function signInOrSayWhy(...asked: Parameters<typeof signIn>): Promise<SignInOutcome> {
  try {
    return await signIn(...asked)
  } catch (error) {
    const { code, message } = toActionError(error)
    throw new Error(`${code}:${message}`, { cause: error })
  }
}
