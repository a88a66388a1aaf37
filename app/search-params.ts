import { z } from 'zod'

export type SearchParams = Promise<Record<string, string | string[] | undefined>>

const ListQuery = z.object({ q: z.string().trim().max(200).catch('') })
const BeforeQuery = z.object({ before: z.coerce.number().int().positive().optional().catch(undefined) })

/** The filter of a list as FilterBox keeps it in the address; anything odd is no filter. */
export async function readQuery(searchParams: SearchParams): Promise<{ q: string }> {
  return ListQuery.parse({ q: '', ...(await searchParams) })
}

/** Where a page of a log begins; anything odd is the beginning. */
export async function readBefore(searchParams: SearchParams): Promise<number | undefined> {
  return BeforeQuery.parse(await searchParams).before
}
