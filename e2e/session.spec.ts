import type { Page } from '@playwright/test'
import { paths } from '@/lib/paths'
import { as, type SignedIn } from './support/as'
import { expect, expectAccessible, test } from './support/journey'
import { owner } from './support/portal'
import { ageSessions, idleMinutes } from './support/session-times'
import { openWorkplace, type Workplace } from './support/workplace'

test.describe.configure({ mode: 'serial' })

const factory = 'session-journey'
let place: Workplace
let user: SignedIn

test.beforeAll(async () => {
  place = await openWorkplace(factory, { nodes: [] })
})
test.afterAll(async () => place.close())

test.beforeEach(async ({ browser, portal }) => {
  user = await as('Contributor', browser, portal)
})
test.afterEach(async () => user.page.context().close())

/** Opens the page on a clock of ours, and waits until it has come to life. */
async function open(page: Page, path: string): Promise<void> {
  await page.clock.install()
  await page.goto(path)
  await aMinute(page)
}

/** Pages look at their session once a minute; a look that is still under way swallows the next. */
async function aMinute(page: Page): Promise<void> {
  await expect(async () => {
    const look = page.waitForRequest(isLook, { timeout: 3000 })
    await page.clock.fastForward('01:01')
    await (await look).response()
  }).toPass()
}
const isLook = (message: { url(): string }) => new URL(message.url()).pathname === '/api/session'

function show(page: Page, visibility: 'hidden' | 'visible'): Promise<void> {
  return page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }, visibility)
}

async function signInAgain(page: Page, password: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: /Your session has ended|Sign in again/ })
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
}

test('a live page that is only watched keeps its session, but not from a hidden tab', async ({ portal }) => {
  const { page, email } = user
  await open(page, paths.factory(factory))
  let looks = 0
  page.on('request', (request) => {
    if (isLook(request)) looks += 1
  })
  await show(page, 'hidden')
  await ageSessions(portal, email, { idleMinutes: 20 })
  await page.clock.fastForward('02:02')
  expect(looks).toBe(0)
  expect(await idleMinutes(portal, email)).toBe(20)
  await show(page, 'visible')
  await expect.poll(() => idleMinutes(portal, email)).toBe(0)
  await ageSessions(portal, email, { idleMinutes: 20 })
  await aMinute(page)
  await expect.poll(() => idleMinutes(portal, email)).toBe(0)
})

test('a page that nobody uses says when it will sign out; a press keeps the session', async ({ portal }) => {
  const { page, email } = user
  await open(page, '/account')
  await ageSessions(portal, email, { idleMinutes: 28.5 })
  await aMinute(page)
  const notice = page.getByRole('status').filter({ hasText: 'You will be signed out in' })
  await expect(notice).toBeVisible()
  expect(await idleMinutes(portal, email)).toBe(28)
  await expectAccessible(page)
  await notice.getByRole('button', { name: 'Stay signed in' }).click()
  await expect(notice).toHaveCount(0)
  await expect.poll(() => idleMinutes(portal, email)).toBe(0)
})

test('typing keeps the session, on a page that asks nothing by itself', async ({ portal }) => {
  const { page, email } = user
  await open(page, paths.newFactory())
  await ageSessions(portal, email, { idleMinutes: 20 })
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('not-yet')
  await page.keyboard.press('End')
  await aMinute(page)
  await expect.poll(() => idleMinutes(portal, email)).toBe(0)
})

test('a session that ended is begun again on the page, and nothing typed is lost', async ({ portal }) => {
  const { page, email, password } = user
  await page.goto(paths.newFactory())
  const sheet = page.getByRole('dialog', { name: 'Create factory' })
  await sheet.getByLabel('Name', { exact: true }).fill('typed-before')
  await sheet.getByLabel('Description').fill('Kept over the sign-in')
  await ageSessions(portal, email, { idleMinutes: 31 })
  await sheet.getByRole('button', { name: 'Create factory' }).click()
  const again = page.getByRole('dialog', { name: 'Your session has ended' })
  await expect(again.getByLabel('E-mail address')).toHaveValue(email)
  await expectAccessible(page)
  await signInAgain(page, 'not the password')
  await expect(again.getByRole('alert')).toContainText('wrong')
  await again.getByRole('button', { name: 'Close' }).click()
  await expect(again).toHaveCount(0)
  await sheet.getByRole('button', { name: 'Create factory' }).click()
  await signInAgain(page, password)
  await expect(again).toHaveCount(0)
  await expect(sheet.getByLabel('Name', { exact: true })).toHaveValue('typed-before')
  await expect(sheet.getByLabel('Description')).toHaveValue('Kept over the sign-in')
  await sheet.getByRole('button', { name: 'Create factory' }).click()
  await expect(page).toHaveURL(/\/factories\/typed-before$/)
})

test('a live page says that the session ended, and goes on by itself after signing in', async ({
  portal,
}) => {
  const { page, email, password } = user
  await page.goto(paths.factory(factory))
  await ageSessions(portal, email, { idleMinutes: 31 })
  await expect(page.getByRole('dialog', { name: 'Your session has ended' })).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await expect(page.getByText('This page is not up to date')).toBeVisible()
  const notice = page.getByRole('alert').filter({ hasText: 'Your session has ended' })
  await expect(notice).toContainText('still here')
  await expectAccessible(page)
  await notice.getByRole('button', { name: 'Sign in' }).click()
  await signInAgain(page, password)
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.getByText('This page is not up to date')).toHaveCount(0)
})

test('after the twelve hours the page asks to sign in again, before and where it ends', async ({
  portal,
}) => {
  const { page, email, password } = user
  await open(page, paths.factory(factory))
  await ageSessions(portal, email, { endsInMinutes: 1.5 })
  await aMinute(page)
  const notice = page.getByRole('status').filter({ hasText: 'Your session ends in' })
  await expect(notice).toContainText('12 hours have passed')
  await expectAccessible(page)
  await notice.getByRole('button', { name: 'Sign in again' }).click()
  await signInAgain(page, password)
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(notice).toHaveCount(0)
})

test('somebody else who signs in gets the page anew', async ({ portal }) => {
  const { page, email } = user
  // The browser asks before what was typed is thrown away.
  page.on('dialog', (dialog) => void dialog.accept())
  await page.goto(paths.newFactory())
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('of-the-first')
  await ageSessions(portal, email, { idleMinutes: 31 })
  await page.getByRole('button', { name: 'Create factory' }).last().click()
  await page
    .getByRole('dialog', { name: 'Your session has ended' })
    .getByLabel('E-mail address')
    .fill(owner.email)
  await signInAgain(page, owner.password)
  await expect(page.getByRole('button', { name: `Signed in as ${owner.name}` })).toBeAttached()
  await expect(page.getByRole('dialog').getByLabel('Name', { exact: true })).toHaveValue('')
})

test('a click after the end leads to the sign-in page, and from there to where it led', async ({
  portal,
}) => {
  const { page, email, password } = user
  await page.goto(paths.linkedServices(factory))
  await ageSessions(portal, email, { idleMinutes: 31 })
  await page.getByRole('link', { name: 'Audit' }).click()
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faudit$/)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/audit$/)
})
