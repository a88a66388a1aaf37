'use server'

import { headers } from 'next/headers'
import type { z } from 'zod'
import { toActionError } from '@/lib/action'
import type { ActionResult } from '@/lib/action-result'
import { clientAddress } from '@/lib/auth/client-address'
import { addressKey, countAttempt, takeBackAttempt } from '@/lib/auth/throttle'
import { parseInput } from '@/lib/command'
import { database } from '@/lib/db/client'
import { rateLimited } from '@/lib/errors'
import { completeSetup, type SetupResult } from '@/lib/setup/complete'
import { CompleteSetupInput } from '@/lib/setup/schemas'

/** The one action that nobody is signed in for: the printed code is the proof, and guessing it is slowed down. */
export async function completeSetupAction(
  rawInput: z.input<typeof CompleteSetupInput>,
): Promise<ActionResult<SetupResult>> {
  try {
    // A form with a mistake in it is no guess.
    parseInput(CompleteSetupInput, rawInput)
    const key = addressKey('setup', clientAddress(await headers()))
    const waitMs = await countAttempt(database(), [key])
    if (waitMs > 0)
      throw rateLimited(`Too many wrong codes. Try again in ${Math.ceil(waitMs / 1000)} seconds`)
    const data = await completeSetup(database(), rawInput)
    await takeBackAttempt(database(), key, [])
    return { ok: true, data }
  } catch (error) {
    return { ok: false, error: toActionError(error) }
  }
}
