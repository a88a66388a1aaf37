import { createHash, randomInt } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import { setupCodes, users } from '@/drizzle/schema/tenants'
import type { Db, ReadDb, Tx } from '@/lib/db/client'

/** Crockford's base 32: no letter that reads like a digit. Sixteen of them are 80 bits. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * While nobody can sign in yet, makes a new one-time code at each start, for the console; the database keeps its hash
 * only. Null once the first owner exists.
 */
export async function ensureSetupCode(db: Db): Promise<string | null> {
  return await db.transaction(async (tx) => {
    if (await isSetUp(tx)) return null
    const code = Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join('')
    const codeHash = hashCode(code)
    await tx
      .insert(setupCodes)
      .values({ codeHash })
      .onConflictDoUpdate({
        target: setupCodes.id,
        set: { codeHash, createdAt: new Date() },
        setWhere: isNull(setupCodes.consumedAt),
      })
    return code.replaceAll(/(.{4})(?!$)/g, '$1-')
  })
}

/** True where the code was right and nobody used it before; it is used up then. */
export async function consumeSetupCode(tx: Tx, code: string): Promise<boolean> {
  const consumed = await tx
    .update(setupCodes)
    .set({ consumedAt: new Date() })
    .where(and(eq(setupCodes.codeHash, hashCode(code)), isNull(setupCodes.consumedAt)))
    .returning({ id: setupCodes.id })
  return consumed.length === 1
}

export async function isSetUp(db: ReadDb): Promise<boolean> {
  const found = await db.select({ id: users.id }).from(users).limit(1)
  return found.length > 0
}

/** As people copy it: any case, with or without hyphens, O for 0 and I or L for 1. */
function hashCode(code: string): string {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return createHash('sha256').update(`sallyport/setup-code/${plain}`).digest('hex')
}
