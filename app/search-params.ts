import { z } from 'zod'

export type SearchParams = Promise<Record<string, string | string[] | undefined>>

const ListQuery = z.object({ q: z.string().trim().max(200).catch('') })

/** The filter of a list as FilterBox keeps it in the address; anything odd is no filter. */
export async function readQuery(searchParams: SearchParams): Promise<{ q: string }> {
  return ListQuery.parse({ q: '', ...(await searchParams) })
}
