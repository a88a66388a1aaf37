import 'server-only'
import { randomBytes } from 'node:crypto'
import { unstable_rethrow } from 'next/navigation'
import type { z } from 'zod'
import type { ActionError, ActionResult } from '@/lib/action-result'
import { requireActor } from '@/lib/auth/session'
import type { Command } from '@/lib/command'
import { database } from '@/lib/db/client'
import { databaseTrouble } from '@/lib/db/database-error'
import { AppError } from '@/lib/errors'
import { log } from '@/lib/log'

/** A server action out of a command: the session's actor, the command, and every error as a value. */
export function action<Input extends z.ZodType, Result>(command: Command<Input, Result>) {
  return async (rawInput: z.input<Input>): Promise<ActionResult<Result>> => {
    try {
      return { ok: true, data: await command({ actor: await requireActor(), db: database() }, rawInput) }
    } catch (error) {
      unstable_rethrow(error)
      return { ok: false, error: toActionError(error) }
    }
  }
}

/**
 * Known errors pass as they are; a database that is away or full, and a bug, are logged under a reference, and only the reference is
 * shown.
 */
export function toActionError(error: unknown): ActionError {
  if (error instanceof AppError) {
    const { code, message, fields } = error
    return fields ? { code, message, fields } : { code, message }
  }
  const ref = randomBytes(4).toString('hex')
  log.error({ err: error, ref }, 'unexpected error')
  const trouble = databaseTrouble(error)
  if (trouble !== null) {
    const message = `${trouble}. Try again in a moment; the portal's log knows it as ${ref}`
    return { code: 'unavailable', message, ref }
  }
  return { code: 'internal', message: `Something went wrong. The portal's log knows it as ${ref}`, ref }
}
