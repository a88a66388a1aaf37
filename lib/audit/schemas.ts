import { z } from 'zod'
import { formatQuantity } from '@/lib/format'
import { Id } from '@/lib/protocol/scalars'

/** Filters of the audit page, as its address holds them; `before` is the sequence number that the page begins after. */
export const AuditFilters = z.object({
  /** Words of action, thing or person. */
  q: z.string().trim().max(200).optional().catch(undefined),
  factory: Id.optional().catch(undefined),
  /** A part of the factory's name, where there are too many to choose from. */
  inFactory: z.string().trim().min(1).max(63).optional().catch(undefined),
  before: z.coerce.number().int().positive().optional().catch(undefined),
})
export type AuditFilters = z.infer<typeof AuditFilters>

/** How many entries there are; `isMore`: at least so many, counted no further. */
export type EntryCount = { total: number; isMore: boolean }

export function entryCountWords({ total, isMore }: EntryCount): string {
  return `${isMore ? 'more than ' : ''}${formatQuantity(total, 'entry', 'entries')}`
}

/** What its parts alone would not say. */
const ownWords: Record<string, string> = {
  'authKeys.revealed': 'Authentication keys revealed',
  'authKey.regenerated': 'Authentication key regenerated',
  'linkedService.previewed': 'Rows previewed',
  'session.othersRevoked': 'Other sessions ended',
  'vault.admitted': 'Node admitted to the vault',
  'vault.founded': 'Vault made',
  'vault.rotated': 'Vault key renewed',
}

/** `factory.created` as people say it: "Factory created". */
export function actionWords(action: string): string {
  const own = ownWords[action]
  if (own) return own
  const words = action
    .replaceAll('.', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
