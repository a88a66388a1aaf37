import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import type { Tx } from '@/lib/db/client'

/** As the protocol allows a name: a letter or digit, and 62 more. */
const maxLength = 63

/** So many names are tried at first; four times as many each next time, where a whole fleet was cloned from one image. */
const triedFirst = 4

/** The wished name, or with a number behind it where another node of the runtime has it. Call it under the runtime's lock. */
export async function freeNodeName(tx: Tx, runtimeId: string, wished: string): Promise<string> {
  for (let from = 1, count = triedFirst; ; from += count, count *= 4) {
    const names = Array.from({ length: count }, (_, index) => numbered(wished, from + index))
    const taken = await findTaken(tx, runtimeId, names)
    const free = names.find((name) => !taken.has(name.toLowerCase()))
    if (free !== undefined) return free
  }
}

function numbered(wished: string, number: number): string {
  const suffix = number === 1 ? '' : `-${number}`
  return `${wished.slice(0, maxLength - suffix.length)}${suffix}`
}

async function findTaken(tx: Tx, runtimeId: string, names: string[]): Promise<Set<string>> {
  const key = sql<string>`lower(${nodes.name})`
  const rows = await tx
    .select({ key })
    .from(nodes)
    .where(
      and(
        eq(nodes.runtimeId, runtimeId),
        isNull(nodes.removedAt),
        inArray(
          key,
          names.map((name) => name.toLowerCase()),
        ),
      ),
    )
  return new Set(rows.map((row) => row.key))
}
