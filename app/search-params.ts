import { z } from 'zod'

export type SearchParams = Promise<Record<string, string | string[] | undefined>>

const ListQuery = z.object({
  q: z.string().trim().max(200).catch(''),
  after: z.string().trim().min(1).max(200).optional().catch(undefined),
})
const NodesQuery = ListQuery.extend({ after: z.uuid().optional().catch(undefined) })
const BeforeQuery = z.object({ before: z.coerce.number().int().positive().optional().catch(undefined) })

/** The filter of a list as FilterBox keeps it in the address, and where its page begins; anything odd is neither. */
export async function readQuery(
  searchParams: SearchParams,
): Promise<{ q: string; after?: string | undefined }> {
  return ListQuery.parse({ q: '', ...(await searchParams) })
}

/** The same of a list whose pages go on after an id. */
export function readNodesQuery(searchParams: Awaited<SearchParams>): {
  q: string
  after?: string | undefined
} {
  return NodesQuery.parse({ q: '', ...searchParams })
}

/** Where a page of a log begins; anything odd is the beginning. */
export async function readBefore(searchParams: SearchParams): Promise<number | undefined> {
  return BeforeQuery.parse(await searchParams).before
}
