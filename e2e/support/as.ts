import { type Browser, expect, type Page } from '@playwright/test'
import { Client } from 'pg'
import { hashPassword } from '@/lib/auth/password'
import type { Role } from '@/lib/permissions'
import { watchPages } from './faults'
import type { PortalUnderTest } from './portal'

export type SignedIn = { page: Page; email: string; password: string }

/** A browser where nobody is signed in. */
export async function anew(browser: Browser, portal: PortalUnderTest): Promise<Page> {
  const context = await browser.newContext({
    baseURL: portal.url,
    ignoreHTTPSErrors: true,
    // Journeys begin with the owner's session; this one does not.
    storageState: { cookies: [], origins: [] },
  })
  watchPages(context)
  return await context.newPage()
}

/** A new user of the owner's organisation with this role in all of it, signed in by the page. */
export async function as(role: Role, browser: Browser, portal: PortalUnderTest): Promise<SignedIn> {
  const email = `${role.toLowerCase()}-${crypto.randomUUID().slice(0, 8)}@example.com`
  const password = 'the reed bends in the wind'
  await insertUser(portal.databaseUrl, { email, role, passwordHash: await hashPassword(password) })
  const page = await anew(browser, portal)
  await signIn(page, { email, password })
  return { page, email, password }
}

/** `at`: another portal than the one of all journeys. */
export async function signIn(page: Page, user: { email: string; password: string }, at = ''): Promise<void> {
  await page.goto(`${at}/sign-in`)
  await page.getByLabel('E-mail address').fill(user.email)
  await page.getByLabel('Password', { exact: true }).fill(user.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/factories$/)
}

/** People are invited in a later version of the portal: until then a role comes into the database by hand. */
async function insertUser(
  databaseUrl: string,
  user: { email: string; role: Role; passwordHash: string },
): Promise<void> {
  const client = new Client(databaseUrl)
  await client.connect()
  try {
    await client.query(
      `with made as (
         insert into users (tenant_id, email, name, password_hash)
         select id, $1, $1, $2 from tenants order by created_at limit 1 returning id, tenant_id)
       insert into role_assignments (tenant_id, user_id, role) select tenant_id, id, $3 from made`,
      [user.email, user.passwordHash, user.role],
    )
  } finally {
    await client.end()
  }
}
