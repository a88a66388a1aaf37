import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { anew, as, signIn } from './support/as'
import { expect, expectAccessible, test } from './support/journey'

test.describe.configure({ mode: 'serial' })

const factory = 'harbour-access'
const runtimePath = `/factories/${factory}/runtimes/quay`
const running: ChildProcess[] = []
test.afterAll(async () => {
  for (const child of running) {
    if (child.exitCode !== null) continue
    child.kill()
    await once(child, 'exit')
  }
})

/** Runs the line as it was shown, in a folder of its own; only the download is ours, for machines without curl. */
async function paste(line: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await copyFile('dist/agent/sallyport-agent.cjs', join(folder, 'sallyport-agent.cjs'))
  const commands = line
    .slice(line.indexOf('&&') + 2)
    .replace(' register ', ' register --data-dir data --name quay-a ')
    .replace(/ run$/, ' run --data-dir data')
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const child = spawn(
    'sh',
    ['-c', `exec > agent.log 2>&1; ${commands.replace(/&& node (\S+ run)/, '&& exec node $1')}`],
    {
      cwd: folder,
      // The journeys' own loader (NODE_OPTIONS) is nothing that a node's machine has.
      env: { ...process.env, PATH: path, NODE_OPTIONS: '' },
      stdio: 'ignore',
    },
  )
  running.push(child)
}

test('an owner makes a factory; a wrong name is said at its field', async ({ page }) => {
  await page.goto('/factories')
  await page.getByRole('button', { name: 'Create factory' }).first().click()
  const sheet = page.getByRole('dialog', { name: 'Create factory' })
  await sheet.getByLabel('Name', { exact: true }).fill('harbour--access')
  await sheet.getByLabel('Description').fill('Everything at the quay')
  await sheet.getByRole('button', { name: 'Create factory' }).click()
  await expect(sheet.getByText('Use single hyphens only')).toBeVisible()
  await expectAccessible(page)
  await sheet.getByLabel('Name', { exact: true }).fill(factory)
  await sheet.getByRole('button', { name: 'Create factory' }).click()
  await expect(page).toHaveURL(new RegExp(`/factories/${factory}$`))
  await expect(page.getByText('This factory has no integration runtime')).toBeVisible()
  await expectAccessible(page)
})

test('a name that is taken is refused, and what was typed stays', async ({ page }) => {
  await page.goto('/factories?new=1')
  const sheet = page.getByRole('dialog', { name: 'Create factory' })
  await sheet.getByLabel('Name', { exact: true }).fill(factory.toUpperCase())
  await sheet.getByLabel('Description').fill('Kept')
  await sheet.getByRole('button', { name: 'Create factory' }).click()
  await expect(sheet.getByText('A factory with this name exists already')).toBeVisible()
  await expect(sheet.getByLabel('Description')).toHaveValue('Kept')
})

test('a new runtime waits for its node, and greets the one that the pasted line brings', async ({
  page,
  portal,
}) => {
  await page.goto(`/factories/${factory}/runtimes`)
  await page.getByRole('button', { name: 'Create runtime' }).first().click()
  const sheet = page.getByRole('dialog', { name: 'Create integration runtime' })
  await sheet.getByLabel('Name', { exact: true }).fill('quay')
  await sheet.getByRole('button', { name: 'Create runtime' }).click()
  await expect(page).toHaveURL(new RegExp(`${runtimePath}/install$`))
  await expect(page.getByText('Listening for a node…')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Make an enrolment link' }).click()
  const line = page.getByRole('region', { name: 'Install line' }).locator('code').first()
  await expect(line).toContainText('--token irj1.')
  await expect(line).toContainText('--pinnedpubkey')
  await paste(await line.innerText(), join(portal.folder, 'quay-a'))
  await expect(page.getByText('quay-a is online.')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('table', { name: 'Enrolment links' })).toContainText('Used')
  await expectAccessible(page)
})

test('the agent is served to machines that have no session', async ({ playwright, portal }) => {
  const stranger = await playwright.request.newContext({
    baseURL: portal.url,
    ignoreHTTPSErrors: true,
    storageState: { cookies: [], origins: [] },
  })
  const answer = await stranger.get('/api/agent/download/sallyport-agent.cjs')
  expect(answer.status()).toBe(200)
  expect((await answer.body()).length).toBeGreaterThan(100_000)
  expect((await stranger.get('/api/agent/download/passwd')).status()).toBe(404)
  await stranger.dispose()
})

test('keys are hidden until asked, and regenerated with a warning', async ({ page }) => {
  await page.goto(`${runtimePath}/install`)
  const key = page.getByLabel('Authentication key 1')
  await page.getByRole('button', { name: 'Reveal Authentication key 1' }).click()
  await expect(key.first()).toHaveValue(new RegExp(`^IR@[0-9a-f-]{36}@${factory}@ServiceEndpoint=`))
  const before = await key.first().inputValue()
  await page.getByRole('button', { name: 'Regenerate authentication key 1' }).click()
  const dialog = page.getByRole('dialog', { name: 'Regenerate authentication key 1' })
  await expect(dialog).toContainText('never used')
  await dialog.getByRole('button', { name: 'Regenerate key' }).click()
  await expect(dialog).toHaveCount(0)
  await page.getByRole('button', { name: 'Reveal Authentication key 1' }).click()
  await expect(key.first()).not.toHaveValue(before)
})

test('an unused link is revoked', async ({ page }) => {
  await page.goto(`${runtimePath}/install`)
  await page.getByRole('button', { name: 'Make an enrolment link' }).click()
  const row = page.getByRole('row').filter({ hasText: 'Waiting' })
  await row.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke link' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Revoked' })).toHaveCount(1)
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
})

test('a node says how it is, rests when cordoned, and takes another name', async ({ page }) => {
  await page.goto(runtimePath)
  await expectAccessible(page)
  await page.getByRole('link', { name: 'quay-a' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'quay-a' })).toBeVisible()
  await expect(page).toHaveTitle('quay-a · Node · Sallyport')
  await expect(page.getByText('key 1, the newest')).toBeVisible()
  await page.getByRole('button', { name: 'Online: why?' }).click()
  await expect(page.getByText('It takes tasks as its slots become free.')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Actions for quay-a' }).click()
  await page.getByRole('menuitem', { name: 'Cordon node' }).click()
  await expect(page.getByText('Cordoned', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Actions for quay-a' }).click()
  await page.getByRole('menuitem', { name: 'Rename node' }).click()
  await page.getByLabel('Display name').fill('Quay, left')
  await page.getByRole('button', { name: 'Rename node' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Quay, left' })).toBeVisible()
  await expect(page).toHaveTitle('Quay, left · Node · Sallyport')
  await expectAccessible(page)

  // A name without a place to break, as long as names may be.
  const long = 'Südkai_'.repeat(9)
  await page.getByRole('button', { name: 'Actions for Quay, left' }).click()
  await page.getByRole('menuitem', { name: 'Rename node' }).click()
  await page.getByLabel('Display name').fill(long)
  await page.getByRole('button', { name: 'Rename node' }).click()
  await expect(page.getByRole('heading', { level: 1, name: long })).toBeVisible()
  for (const path of [runtimePath, `${runtimePath}/activity`])
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 })
      await page.goto(path)
      await expect(page.getByText(long).first()).toBeVisible()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
  await page.goto(`${runtimePath}?q=NO-SUCH`)
  await expect(page.getByText('No node matches the filter.')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter nodes' }).fill('südkai')
  await expect(page.getByRole('link', { name: long })).toBeVisible()
  await expectAccessible(page)
})

for (const [title, path] of [
  ['the queue', `${runtimePath}/queue`],
  ['the settings', `${runtimePath}/settings`],
  ['the activity', `${runtimePath}/activity`],
  ['the runtimes', `/factories/${factory}/runtimes`],
  ['the factories', '/factories'],
  ['the account', '/account'],
] as const)
  test(`${title} can be read by everybody`, async ({ page }) => {
    const answer = await page.goto(path)
    expect(answer?.status()).toBe(200)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expectAccessible(page)
  })

test('the audit log knows what was done, and its chain holds', async ({ page }) => {
  await page.goto('/audit?q=authKey')
  await expect(page.getByRole('table', { name: 'Audit log' })).toContainText('Authentication keys revealed')
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await expect(page.getByText(/\d+ entries verified/).first()).toBeVisible()
  await page
    .getByRole('button', { name: /^Show entry/ })
    .first()
    .click()
  await expect(page.getByRole('dialog')).toContainText('Hash')
  await expectAccessible(page)
})

test('the palette finds the runtime', async ({ page }) => {
  await page.goto('/factories')
  await page
    .getByRole('button', { name: /Search/ })
    .first()
    .click()
  await page.getByPlaceholder('Search or run an action').fill('quay')
  await page.getByRole('option', { name: /quay/ }).first().click()
  await expect(page).toHaveURL(/quay/)
  await expect(page.locator('main')).toBeFocused()

  await page
    .getByRole('tab', { name: 'Queue' })
    .or(page.getByRole('link', { name: 'Queue' }))
    .focus()
  await page.keyboard.press('ControlOrMeta+k')
  await page.getByPlaceholder('Search or run an action').fill('go to audit')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible()
  await expect(page.locator('main')).toBeFocused()
})

test('a changed password ends the other sessions', async ({ browser, portal }) => {
  const { page, email, password } = await as('Operator', browser, portal)
  const other = await anew(browser, portal)
  await signIn(other, { email, password })
  await page.goto('/account')
  await expect(page.getByRole('table', { name: 'Sessions' }).getByRole('row')).toHaveCount(3)
  await page.getByLabel('Present password').fill(password)
  await page.getByLabel('New password').fill('a heron stands at low tide')
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('Your password is changed').first()).toBeVisible()
  await other.goto('/factories')
  await expect(other).toHaveURL(/\/sign-in\?returnTo=%2Ffactories/)
  await other.context().close()
  await page.context().close()
})
