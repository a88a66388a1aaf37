import { signIn } from 'next-auth/react'
import type { ActionResult } from '@/lib/action-result'

/** Next-auth's flow, as the answer of an action. */
export async function passwordSignIn(credentials: {
  email: string
  password: string
}): Promise<ActionResult<null>> {
  const answer = await signIn('password', { ...credentials, redirect: false })
  if (answer?.ok && !answer.error) return { ok: true, data: null }
  const seconds = /^wait:(\d+)$/.exec(answer?.error ?? '')?.[1]
  if (seconds) return refused('rate_limited', `Too many attempts. Try again in ${words(Number(seconds))}.`)
  const [, code, message] = /^(rate_limited|unavailable|internal):(.+)$/.exec(answer?.error ?? '') ?? []
  if (code && message) return refused(code as Refusal, message)
  if (answer?.status === 401)
    return refused('unauthenticated', 'The e-mail address or the password is wrong.')
  return refused(
    'internal',
    'The portal could not sign you in. Load the page again; if it stays so, its log tells why.',
  )
}

type Refusal = 'rate_limited' | 'unavailable' | 'unauthenticated' | 'internal'

function refused(code: Refusal, message: string): ActionResult<null> {
  return { ok: false, error: { code, message } }
}

function words(seconds: number): string {
  if (seconds === 1) return '1 second'
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
}
