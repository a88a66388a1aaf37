import { describe, expect, test } from 'vitest'
import { roleAssignments } from '@/drizzle/schema/access'
import { auditLog } from '@/drizzle/schema/audit'
import { setupCodes, tenants } from '@/drizzle/schema/tenants'
import { signIn } from '@/lib/auth/sign-in'
import { testDatabase } from '@/lib/db/test-database'
import { completeSetup } from '@/lib/setup/complete'
import { ensureSetupCode } from '@/lib/setup/setup-code'

const database = testDatabase()
const owner = {
  tenantName: 'Harbour works',
  name: 'Ann Keeper',
  email: 'ann.keeper@example.com',
  password: 'a gate of seven bars',
}

async function newCode(): Promise<string> {
  const code = await ensureSetupCode(database.db)
  if (code === null) throw new Error('set up already')
  return code
}

describe('completeSetup()', () => {
  test('makes tenant and owner with the printed code, who can sign in', async () => {
    const code = await newCode()
    expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
    const { tenantId, userId } = await completeSetup(database.db, {
      ...owner,
      code: ` ${code.toLowerCase()} `,
    })
    expect(await database.db.select().from(roleAssignments)).toMatchObject([
      { tenantId, userId, factoryId: null, role: 'Owner' },
    ])
    const client = { userAgent: '', address: '192.0.2.7', previousToken: null }
    expect(await signIn(database.db, owner, client)).toMatchObject({ ok: true, userId })
    const [first] = await database.db.select().from(auditLog).orderBy(auditLog.seq)
    expect(first).toMatchObject({
      action: 'tenant.created',
      actor: { kind: 'system', id: 'first-run setup' },
    })
    expect(JSON.stringify(first)).not.toContain(owner.password)
  })

  test('refuses a wrong code and keeps nothing', async () => {
    await newCode()
    await expect(completeSetup(database.db, { ...owner, code: '0000-0000-0000-0000' })).rejects.toMatchObject(
      {
        code: 'invalid_input',
        fields: { code: [expect.stringContaining('not the code')] },
      },
    )
    expect(await database.db.$count(tenants)).toBe(0)
  })

  test('works once: afterwards the portal is closed, and no start makes a new code', async () => {
    const code = await newCode()
    await completeSetup(database.db, { ...owner, code })
    await expect(
      completeSetup(database.db, { ...owner, email: 'eve@example.com', code }),
    ).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await ensureSetupCode(database.db)).toBeNull()
  })

  test.each([
    ['password', { password: 'short' }],
    ['password', { password: 'i am ann.keeper' }],
    ['email', { email: 'ann' }],
    ['tenantName', { tenantName: ' ' }],
  ])('names the field %s where it is wrong, without using the code up', async (field, wrong) => {
    const code = await newCode()
    await expect(completeSetup(database.db, { ...owner, ...wrong, code })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: { [field]: [expect.any(String)] },
    })
    await completeSetup(database.db, { ...owner, code })
  })
})

test('ensureSetupCode() replaces the code at each start and keeps only its hash', async () => {
  const first = await newCode()
  const second = await newCode()
  expect(second).not.toBe(first)
  const rows = await database.db.select().from(setupCodes)
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toContain(second)
  await expect(completeSetup(database.db, { ...owner, code: first })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})
