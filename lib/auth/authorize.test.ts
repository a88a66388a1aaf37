import { expect, test } from 'vitest'
import { users } from '@/drizzle/schema/tenants'
import { authorize } from '@/lib/auth/authorize'
import { hashPassword } from '@/lib/auth/password'
import { connect } from '@/lib/db/client'
import { testDatabase } from '@/lib/db/test-database'
import { aTenant, aUser } from '@/lib/db/test-fixtures'

const database = testDatabase()
const client = { userAgent: 'Test/1.0', address: '192.0.2.7', previousToken: null }
const password = 'correct horse battery'

test('authorize() knows who the credentials belong to', async () => {
  const { email, userId } = await aUser(database.db, await aTenant(database.db), 'Reader')
  await database.db.update(users).set({ passwordHash: await hashPassword(password) })
  expect(await authorize(database.db, { email, password }, client)).toMatchObject({ id: userId })
  expect(await authorize(database.db, { email, password: 'another' }, client)).toBeNull()
})

test.each([
  ['nothing', undefined],
  ['no text', { email: ['a', 'b'], password: { x: 1 } }],
  ['NUL', { email: 'a\0@example.com', password }],
  ['half a surrogate pair', { email: 'a@example.com', password: '\ud800' }],
  ['more than anybody types', { email: 'a'.repeat(321), password }],
])('authorize() knows nobody by %s', async (_, credentials) => {
  expect(await authorize(database.db, credentials, client)).toBeNull()
})

test('authorize() tells the browser that the database is away, and nothing of its statements and address', async () => {
  const away = connect({ connectionString: 'postgresql://127.0.0.1:1/nobody' })
  const asked = authorize(away, { email: 'owner@example.com', password }, client)
  await expect(asked).rejects.toThrow(
    /^unavailable:The portal's database does not answer\. .* knows it as [0-9a-f]{8}$/,
  )
  await away.$client.end()
})
