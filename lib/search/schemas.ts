import { z } from 'zod'

/** What the command palette finds; each is one group of its answer, in this order. */
export const searchKinds = [
  'factory',
  'runtime',
  'node',
  'linkedService',
  'dataset',
  'pipeline',
  'run',
] as const
export type SearchKind = (typeof searchKinds)[number]

export const SearchHit = z.object({
  kind: z.enum(searchKinds),
  /** The thing's name. */
  label: z.string(),
  /** Where it is or how it stands: "in acme · Online". */
  detail: z.string().optional(),
  href: z.string(),
})
export type SearchHit = z.infer<typeof SearchHit>

/** Answer of `GET /api/search?q=`, best first within each kind. */
export const SearchAnswer = z.object({ hits: z.array(SearchHit) })
export type SearchAnswer = z.infer<typeof SearchAnswer>
