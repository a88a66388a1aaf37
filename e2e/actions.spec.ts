import { type APIRequestContext, expect } from '@playwright/test'
import { sql } from 'drizzle-orm'
import type { WriteContext } from '@/lib/command'
import { connect } from '@/lib/db/client'
import { aFactory, aTenant } from '@/lib/db/test-fixtures'
import { roles } from '@/lib/permissions'
import { type ActionWorld, anActionWorld, aSignedInUser, forgetWorlds } from './support/action-world'
import { test } from './support/journey'
import { portalUnderTest } from './support/portal'
import { calls, openCalls, ownCalls, readServerActions } from './support/server-actions'
import { openOffice } from './support/workplace'

/** Each server action is an endpoint of its own: it is called here as a browser would, by people who have no button for it. */

test.describe.configure({ mode: 'serial' })

const actions = new Map(readServerActions().map((action) => [action.name, action]))
const userIds: string[] = []
let db: ReturnType<typeof connect>
let ctx: WriteContext
let tenantId: string
let request: APIRequestContext
/** What those are refused who may not. */
let guarded: ActionWorld

test.beforeAll(async ({ playwright }) => {
  db = connect({ connectionString: portalUnderTest().databaseUrl, max: 2 })
  ctx = (await openOffice(db)).ctx
  tenantId = ctx.actor.tenantId
  guarded = await anActionWorld(ctx, crypto.randomUUID())
  // Without the owner's cookie, with which other journeys begin.
  const storageState = { cookies: [], origins: [] }
  request = await playwright.request.newContext({ storageState, ignoreHTTPSErrors: true })
})
test.afterAll(async () => {
  await request.dispose()
  await forgetWorlds(db, userIds)
  await db.$client.end()
})

async function somebody(tenant: string, grant: Parameters<typeof aSignedInUser>[2]) {
  const user = await aSignedInUser(db, tenant, grant)
  userIds.push(user.userId)
  return user
}

/** The answer to these arguments, encoded as React does it for plain values. */
async function post(cookie: string, name: string, body: string) {
  const action = actions.get(name)
  if (!action) throw new Error(`There is no action ${name}`)
  const { url } = portalUnderTest()
  return await request.post(`${url}${action.path}`, {
    headers: {
      'next-action': action.id,
      'content-type': 'text/plain;charset=UTF-8',
      accept: 'text/x-component',
      origin: url,
      ...(cookie && { cookie }),
    },
    data: body,
  })
}

/** The code of the refusal, or "ok"; whatever else the answer holds must be nobody's. */
async function outcome(cookie: string, name: string, input: unknown): Promise<string> {
  const answer = await post(cookie, name, JSON.stringify([input]))
  const text = await answer.text()
  expect(answer.status(), `${name}: ${text}`).toBe(200)
  const [, code] = /"code":"(\w+)"/.exec(text) ?? []
  if (code) expect(text, `${name} names a thing in its refusal`).not.toMatch(/canary|IR@/)
  return code ?? (text.includes('"ok":true') ? 'ok' : text)
}

/** What each action answers, by its name. */
async function outcomes(cookie: string, list: Record<string, { input: (world: ActionWorld) => unknown }>) {
  const answers: Record<string, string> = {}
  for (const [name, { input }] of Object.entries(list))
    answers[name] = await outcome(cookie, name, input(guarded))
  return answers
}

function all(list: object, expected: string): Record<string, string> {
  return Object.fromEntries(Object.keys(list).map((name) => [name, expected]))
}

async function auditRowsOf(userId: string): Promise<string[]> {
  const { rows } = await db.execute<{ action: string }>(
    sql`select action from audit_log where actor ->> 'id' = ${userId} order by seq`,
  )
  return rows.map(({ action }) => action)
}

test('every server action of the build is listed, and nothing else is', () => {
  const listed = [calls, ownCalls].flatMap((list) => Object.keys(list)).concat(openCalls)
  expect([...actions.keys()].toSorted()).toEqual(listed.toSorted())
})

for (const [who, cookie] of [
  ['nobody', ''],
  ['somebody with a cookie of their own making', '__Host-sallyport.session=eyJhbGciOiJkaXIifQ.a.b.c.d'],
] as const)
  test(`${who} is refused by all of them`, async () => {
    expect(await outcomes(cookie, calls)).toEqual(all(calls, 'unauthenticated'))
    expect(await outcomes(cookie, ownCalls)).toEqual(all(ownCalls, 'unauthenticated'))
    expect(await outcome(cookie, 'signOutAction', null)).toBe('ok')
    const setup = {
      code: 'x',
      tenantName: 'x',
      name: 'x',
      email: 'x@example.com',
      password: 'a long password',
    }
    expect(await outcome(cookie, 'completeSetupAction', setup)).toBe('conflict')
  })

test('a user of the tenant without any role is refused by all of them', async () => {
  const { userId, cookie } = await somebody(tenantId, null)
  expect(await outcomes(cookie, calls)).toEqual(all(calls, 'forbidden'))
  expect(await auditRowsOf(userId)).toEqual([])
})

test('an owner of another factory is refused by all of them', async () => {
  const { id: factoryId } = await aFactory(db, tenantId, { name: 'canary-elsewhere' })
  const { userId, cookie } = await somebody(tenantId, { role: 'Owner', factoryId })
  expect(await outcomes(cookie, calls)).toEqual(all(calls, 'forbidden'))
  expect(await auditRowsOf(userId)).toEqual([])
})

test('an owner of another tenant finds nothing by any of them', async () => {
  const { userId, cookie } = await somebody(await aTenant(db), { role: 'Owner' })
  // It makes a factory in their own tenant, if any.
  const { createFactoryAction: own, ...others } = calls
  expect(await outcomes(cookie, others)).toEqual(all(others, 'not_found'))
  expect(await auditRowsOf(userId)).toEqual([])
  expect(own).toBeDefined()
})

test('arguments of a wrong shape are refused without a fault', async () => {
  const owner = await somebody(tenantId, { role: 'Owner' })
  for (const name of Object.keys({ ...calls, ...ownCalls })) {
    // Only this one takes an empty message, and has nothing to end.
    const empty = name === 'revokeOtherSessionsAction' ? /ok":true/ : /invalid_input/
    for (const [body, expected] of [
      ['[null]', /invalid_input/],
      ['[[]]', /invalid_input/],
      ['[{}]', empty],
      ['[{"factoryId":{"$ne":null},"runtimeId":["x"],"nodeId":"\\u0000"}]', empty],
      ['[]', /invalid_input/],
    ] as const) {
      const answer = await post(owner.cookie, name, body)
      expect(`${answer.status()} ${await answer.text()}`, `${name} ${body}`).toMatch(expected)
    }
  }
})

for (const role of roles)
  test(`${role}: what they may not do is refused, what they may is done`, async () => {
    const user = await somebody(tenantId, { role })
    const mayDo = (name: string) => calls[name]?.roles.includes(role) ?? false
    const refused = Object.fromEntries(Object.entries(calls).filter(([name]) => !mayDo(name)))
    expect(await outcomes(user.cookie, refused)).toEqual(all(refused, 'forbidden'))
    expect(await auditRowsOf(user.userId)).toEqual([])
    const world = await anActionWorld(ctx, user.otherSessionId)
    const allowed = Object.entries({ ...calls, ...ownCalls }).filter(([name]) => !(name in refused))
    for (const [name, { input }] of allowed)
      expect(`${name}: ${await outcome(user.cookie, name, input(world))}`).toBe(
        `${name}: ${name === 'changePasswordAction' ? 'invalid_input' : 'ok'}`,
      )
    expect(await outcome(user.cookie, 'signOutAction', null)).toBe('ok')
    expect(await outcome(user.cookie, 'updateProfileAction', { name: 'Gone' })).toBe('unauthenticated')
  })
