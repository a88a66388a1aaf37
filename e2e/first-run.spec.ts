import { expect, expectAccessible, test } from './support/journey'
import { owner, ownerState } from './support/portal'

test.describe.configure({ mode: 'serial' })

test('an empty portal leads everybody to its setup, with its security headers', async ({ page }) => {
  const answer = await page.goto('/')
  await expect(page).toHaveURL(/\/setup$/)
  const headers = answer?.headers() ?? {}
  expect(headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/)
  expect(headers['content-security-policy']).not.toContain('unsafe')
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' })
  await expectAccessible(page)
})

test('the first owner sets the portal up with the printed code, and not with another', async ({
  page,
  portal,
}) => {
  await page.goto('/setup')
  const code = page.getByLabel('Setup code')
  await code.fill('0000-0000-0000-0000')
  await page.getByLabel('Organisation').fill('Harbour works')
  await page.getByLabel('Your name').fill(owner.name)
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Set up Sallyport' }).click()
  await expect(code).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('Organisation')).toHaveValue('Harbour works')

  await code.fill(portal.setupCode)
  await page.getByRole('button', { name: 'Set up Sallyport' }).click()
  await expect(page).toHaveURL(/\/factories$/)
  await expectAccessible(page)
  await page.goto('/setup')
  await expect(page.getByRole('heading', { name: 'Sallyport is set up' })).toBeVisible()
  await expect(code).toHaveCount(0)
})

test('the owner signs in and out; a wrong password is refused and nothing typed is lost', async ({
  page,
}) => {
  await page.goto('/factories')
  await expect(page).toHaveURL(/\/sign-in/)
  await expectAccessible(page)
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'wrong' })).toBeVisible()
  await expect(page.getByLabel('E-mail address')).toHaveValue(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/factories$/)
  await page.getByRole('button', { name: owner.name }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/sign-in/)
})

test('the owner stays signed in for the journeys that follow', async ({ page }) => {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/factories$/)
  await page.context().storageState({ path: ownerState() })
})
