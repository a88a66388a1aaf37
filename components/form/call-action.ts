import { sayUnauthenticated } from '@/components/live/unauthenticated'
import type { ActionResult } from '@/lib/action-result'

/** A request that never arrived (portal restarting, laptop offline) is an answer like any other. */
export async function callAction<Input, Data>(
  action: (input: Input) => Promise<ActionResult<Data>>,
  input: Input,
): Promise<ActionResult<Data>> {
  try {
    const result = await action(input)
    if (!result.ok && result.error.code === 'unauthenticated') sayUnauthenticated(true)
    return result
  } catch {
    const message =
      'The portal did not answer. Nothing you typed is lost: check the connection and try again.'
    return { ok: false, error: { code: 'internal', message } }
  }
}
