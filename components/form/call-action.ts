import { isOfOlderBuild } from '@/components/form/older-build'
import { sayUnauthenticated } from '@/components/live/unauthenticated'
import type { ActionResult } from '@/lib/action-result'

const noAnswer = 'The portal did not answer. Nothing you typed is lost: check the connection and try again.'
const updated =
  'The portal was updated after this page was opened. Nothing was saved: keep a copy of what you typed, then load the page again.'

/** A request that never arrived (portal restarting, laptop offline) is an answer like any other. */
export async function callAction<Input, Data>(
  action: (input: Input) => Promise<ActionResult<Data>>,
  input: Input,
): Promise<ActionResult<Data>> {
  try {
    const result = await action(input)
    if (!result.ok && result.error.code === 'unauthenticated') sayUnauthenticated(true)
    return result
  } catch (error) {
    const message = isOfOlderBuild(error) ? updated : noAnswer
    return { ok: false, error: { code: 'internal', message } }
  }
}
