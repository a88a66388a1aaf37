import type { UserActor } from '@/lib/auth/sessions'
import { forbidden } from '@/lib/errors'
import type { Actor } from '@/lib/permissions'

/** What concerns one's own account: nodes and background jobs have none. */
export function requireUser(actor: Actor): UserActor {
  if (actor.kind !== 'user') throw forbidden('Only a user has an account')
  return actor
}
