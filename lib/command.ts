import type { z } from 'zod'
import { appendAudit, type AuditEntry } from '@/lib/audit/append'
import type { Db, ReadDb, Tx } from '@/lib/db/client'
import { translateDatabaseError } from '@/lib/db/database-error'
import { type FieldErrors, forbidden, invalidInput } from '@/lib/errors'
import { type Actor, can, type Permission, rolesWith, type Scope } from '@/lib/permissions'
import { isStorable } from '@/lib/storable'

/** Who asks, and what reads may use. Queries take it first. */
export type Context = { actor: Actor; db: ReadDb }
/** What commands are given at the edge: the same, with a database that can open transactions. */
export type WriteContext = { actor: Actor; db: Db }

/** `after` runs once the transaction has committed: waking held polls, for example. */
type CommandResult<Result> = { result: Result; audit: AuditEntry | AuditEntry[] | null; after?: () => void }
export type Command<Input extends z.ZodType, Result> = {
  (ctx: WriteContext, rawInput: unknown): Promise<Result>
  readonly permission: Permission
  readonly input: Input
}

/**
 * Every write goes through here: parse, find the scope, authorise, transact, audit. `scope` loads what the input names
 * within the actor's tenant (throwing `not_found`), so that a factory's roles count and another tenant's things do not exist.
 */
export function command<Input extends z.ZodType, Result>(spec: {
  permission: Permission
  input: Input
  scope: (tx: Tx, input: z.output<Input>, actor: Actor) => Promise<Scope> | Scope
  run: (tx: Tx, input: z.output<Input>, actor: Actor) => Promise<CommandResult<Result>>
}): Command<Input, Result> {
  const execute = async (ctx: WriteContext, rawInput: unknown): Promise<Result> => {
    const input = parseInput(spec.input, rawInput)
    const transact = () =>
      ctx.db.transaction(async (tx) => {
        requirePermission(
          { actor: ctx.actor, db: tx },
          spec.permission,
          await spec.scope(tx, input, ctx.actor),
        )
        const outcome = await spec.run(tx, input, ctx.actor)
        for (const entry of outcome.audit === null ? [] : [outcome.audit].flat())
          await appendAudit(tx, ctx.actor, entry)
        return outcome
      })
    const { result, after } = await retryOnce(transact)
    after?.()
    return result
  }
  return Object.assign(execute, { permission: spec.permission, input: spec.input })
}

/** The guard of queries and commands; a missing right names the roles that have it. */
export function requirePermission(ctx: Context, permission: Permission, scope: Scope): void {
  if (can(ctx.actor, permission, scope)) return
  throw forbidden(
    `You may not do this (${permission}): it needs the role ${rolesWith(permission).join(' or ')}`,
  )
}

export function parseInput<Input extends z.ZodType>(schema: Input, rawInput: unknown): z.output<Input> {
  const parsed = schema.safeParse(rawInput)
  if (!parsed.success) {
    const fields: FieldErrors = {}
    for (const issue of parsed.error.issues) (fields[issue.path.join('.')] ??= []).push(issue.message)
    throw invalidInput('Some fields need attention', fields)
  }
  const { data } = parsed
  if (isStorable(data)) return data
  const wrong = Object.entries(Object(data)).flatMap(([field, value]) => (isStorable(value) ? [] : [field]))
  throw invalidInput(unstorable, Object.fromEntries(wrong.map((field) => [field, [unstorable]])))
}

const unstorable = 'A text here holds a character that cannot be kept (NUL, or half of a surrogate pair)'

async function retryOnce<Outcome>(transact: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await transact()
  } catch (error) {
    const translated = translateDatabaseError(error)
    if (translated === 'retry') return await transact()
    throw translated
  }
}
