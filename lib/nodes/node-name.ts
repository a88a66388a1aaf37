import { and, eq, isNull } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import type { Tx } from '@/lib/db/client'

/** As the protocol allows a name: a letter or digit, and 62 more. */
const maxLength = 63

/** The wished name, or with a number behind it where another node of the runtime has it. Call it under the runtime's lock. */
export async function freeNodeName(tx: Tx, runtimeId: string, wished: string): Promise<string> {
  const rows = await tx
    .select({ name: nodes.name })
    .from(nodes)
    .where(and(eq(nodes.runtimeId, runtimeId), isNull(nodes.removedAt)))
  const taken = new Set(rows.map(({ name }) => name.toLowerCase()))
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `-${number}`
    const name = `${wished.slice(0, maxLength - suffix.length)}${suffix}`
    if (!taken.has(name.toLowerCase())) return name
  }
}
