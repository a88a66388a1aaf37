import { randomUUID } from 'node:crypto'
import { roleAssignments } from '@/drizzle/schema/access'
import { tenants, users } from '@/drizzle/schema/tenants'
import { hashPassword } from '@/lib/auth/password'
import { command } from '@/lib/command'
import type { Db } from '@/lib/db/client'
import { conflict, invalidInput } from '@/lib/errors'
import { CompleteSetupInput } from '@/lib/setup/schemas'
import { consumeSetupCode, isSetUp } from '@/lib/setup/setup-code'

export type SetupResult = { tenantId: string; userId: string }

/** Makes the tenant and its owner, once; the actor is the first run itself, in the tenant that it is about to make. */
export async function completeSetup(db: Db, rawInput: unknown): Promise<SetupResult> {
  return await makeTenantAndOwner(
    { actor: { kind: 'system', job: 'first-run setup', tenantId: randomUUID() }, db },
    rawInput,
  )
}

const makeTenantAndOwner = command({
  permission: 'setup.complete',
  input: CompleteSetupInput,
  scope: (_tx, _input, { tenantId }) => ({ tenantId }),
  async run(tx, { code, tenantName, name, email, password }, { tenantId }) {
    if (await isSetUp(tx)) throw conflict('This portal is set up already. Sign in instead')
    if (!(await consumeSetupCode(tx, code))) {
      const message = 'This is not the code that the portal printed when it was started last'
      throw invalidInput(message, { code: [message] })
    }
    await tx.insert(tenants).values({ id: tenantId, name: tenantName })
    const userId = randomUUID()
    await tx
      .insert(users)
      .values({ id: userId, tenantId, name, email, passwordHash: await hashPassword(password) })
    await tx.insert(roleAssignments).values({ tenantId, userId, role: 'Owner' })
    return {
      result: { tenantId, userId },
      audit: {
        action: 'tenant.created',
        entityId: tenantId,
        entityName: tenantName,
        after: { name: tenantName, owner: { id: userId, name, email } },
      },
    }
  },
})
