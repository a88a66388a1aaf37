import { z } from 'zod'
import { Id } from '@/lib/protocol/scalars'

/** What an admin wants of a node; the rest of its state is observed. */
export const nodeWishes = ['active', 'cordoned', 'draining'] as const
export type NodeWish = (typeof nodeWishes)[number]
/** Data Factory's node states (adf-and-shir.md, section 1.1). */
export const nodeStates = [
  'NeedRegistration',
  'Initializing',
  'InitializeFailed',
  'Online',
  'Limited',
  'Offline',
  'Upgrading',
] as const
export type NodeState = (typeof nodeStates)[number]

export const RenameNodeInput = z.object({
  nodeId: Id,
  displayName: z.string().trim().min(1, 'Enter a name').max(63, 'Use at most 63 characters'),
})
export const SetNodeWishInput = z.object({ nodeId: Id, wish: z.enum(nodeWishes) })
export const RemoveNodeInput = z.object({ nodeId: Id, confirmName: z.string() })
