import type { Actor } from '@/lib/permissions'

/** Who a run says it was started by; it outlives the user. */
export function invoker(actor: Actor): { userId: string | null; name: string } {
  if (actor.kind === 'user') return { userId: actor.userId, name: actor.name }
  return { userId: null, name: actor.kind === 'node' ? actor.name : actor.job }
}
