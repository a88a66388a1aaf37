import type { Page } from '@playwright/test'
import { eq } from 'drizzle-orm'
import { runtimes } from '@/drizzle/schema/runtimes'
import { paths } from '@/lib/paths'
import { awaitVault } from '@/server/stack/nodes'
import { closeGate, makeGatedView, openGate } from './support/gate'
import { expect, expectAccessible, test } from './support/journey'
import { saveCopyWithoutNode, saveStore, saveTableCopy, storeName } from './support/saved'
import { openWorkplace, type Workplace } from './support/workplace'

test.describe.configure({ mode: 'serial', timeout: 600_000 })

const factory = 'removal-journey'
const runtime = `${factory}-plant`
let place: Workplace

test.beforeAll(async () => {
  place = await openWorkplace(factory, { nodes: ['a', 'b'] })
  await saveStore(place)
  await makeGatedView(place.store, 'orders')
  await saveTableCopy(place, { name: 'orders-nightly', from: 'orders', to: 'orders_copy' })
  await saveCopyWithoutNode(place, 'files-nightly')
})
test.afterAll(async () => place.close())

async function pick(page: Page, node: string, item: string): Promise<void> {
  await page.goto(paths.runtime(factory, runtime))
  await page.getByRole('button', { name: `Actions for ${factory}-${node}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

async function startRun(page: Page): Promise<string> {
  await page.goto(paths.pipeline(factory, 'orders-nightly'))
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
  return page.url()
}

/** Rows are on their way on this node, as far as the gate. */
async function expectOn(page: Page, node: string): Promise<void> {
  await expect(page.getByRole('table', { name: 'Parts' })).toContainText(`${factory}-${node}`, {
    timeout: 180_000,
  })
}

/** By its typed name, while it holds a task. */
async function removeWhileItCopies(page: Page, node: string): Promise<void> {
  await pick(page, node, 'Remove node')
  const dialog = page.getByRole('dialog', { name: `Remove node ${factory}-${node}` })
  await expect(dialog).toContainText('that it holds')
  await expect(dialog).toContainText('Nobody has to enter a password')
  await expectAccessible(page)
  const confirm = dialog.getByRole('button', { name: 'Remove node' })
  await expect(confirm).toBeDisabled()
  await dialog.getByRole('textbox').fill(`${factory}-x`)
  await expect(confirm).toBeDisabled()
  await dialog.getByRole('textbox').fill(`${factory}-${node}`)
  await confirm.click()
  await expect(page.getByText(`Node ${factory}-${node} is removed`)).toBeVisible()
  await expect(page.getByRole('link', { name: `${factory}-${node}` })).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 1, name: runtime })).toBeFocused()
}

/** The process stands still as a machine does that lost its power, until it may go on. */
async function fallSilent(page: Page, node: string): Promise<void> {
  const silent = place.nodes[node]
  const name = `${factory}-${node}`
  silent?.pause()
  const notHeard = page.getByRole('region', { name: 'Not heard' })
  await expect(notHeard).toContainText(`${name}Last heard`, { timeout: 60_000 })
  await expect(notHeard).toContainText('It holds 1 part; its lease ends in')
  await expect(notHeard).toContainText('another node takes over what it holds')
  await expect(page.getByRole('table', { name: 'Parts' })).toContainText('Not heard')
  await expectAccessible(page)
  const run = page.url()
  await page.goto(paths.runtime(factory, runtime))
  await page.getByRole('link', { name }).click()
  await expect(page.getByText('any node of the runtime may take the task over')).toBeVisible()
  await expectAccessible(page)
  await page.goto(run)
  await expect(notHeard).toBeVisible()
  silent?.resume()
  await expect(notHeard).toHaveCount(0)
  await expect(page.getByRole('table', { name: 'Parts' })).toContainText('Copying')
}

async function expectCopied(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Copied 2,000 rows .*, exactly once/, {
    timeout: 180_000,
  })
  const { rows } = await place.store.query('SELECT count(*)::int AS copied FROM orders_copy')
  expect(rows).toEqual([{ copied: 2000 }])
}

test('a node is removed while it copies: the run moves on to another node, exactly once', async ({
  page,
}) => {
  // No slow step may let a lease lapse that is looked at.
  await place.office.db.update(runtimes).set({ leaseSeconds: 600 }).where(eq(runtimes.name, runtime))
  await closeGate(place.store)
  await pick(page, 'b', 'Cordon node')
  await expect(page.getByText(`${factory}-b takes no new copies`)).toBeVisible()
  const run = await startRun(page)
  await expectOn(page, 'a')
  await pick(page, 'b', 'Uncordon node')
  await expect(page.getByText(`${factory}-b takes work again`)).toBeVisible()
  await page.goto(run)
  await fallSilent(page, 'a')
  await removeWhileItCopies(page, 'a')
  await openGate(place.store)
  await page.goto(run)
  await expectCopied(page)
  await expect(page.getByRole('table', { name: 'Parts' })).toContainText(`${factory}-b`)
  // Its agent heard that it is not wanted any more, and ended by itself.
  await expect.poll(() => place.nodes['a']?.pid).toBeUndefined()
})

test('the last node is removed while it copies: the run says what to do, and goes on once that is done', async ({
  page,
}) => {
  await closeGate(place.store)
  const run = await startRun(page)
  await expectOn(page, 'b')
  await removeWhileItCopies(page, 'b')
  await openGate(place.store)
  await page.goto(run)
  const why = page.getByRole('region', { name: 'Why it waits' })
  await expect(why).toContainText(`Register a node with the integration runtime ${runtime}`)
  await expect(why).toContainText(`Enter the secret of ${storeName} again`)
  await expectAccessible(page)

  await place.enrol('c')
  // It founds a new vault, for which the browser can seal.
  await awaitVault(place.office, place.place, 1)
  await expect(why).not.toContainText('Register a node')
  await expect(why).toContainText(`Enter the secret of ${storeName} again`)
  await page.goto(paths.linkedService(factory, storeName))
  await expect(page.getByText('No node holds this secret any more')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Edit' }).click()
  const sheet = page.getByRole('dialog')
  await expect(
    sheet.getByText(/The last node that could open it was removed: enter the password again/),
  ).toBeVisible()
  await sheet.getByRole('button', { name: 'Save linked service' }).click()
  await expect(sheet.getByText('Enter the password')).toBeVisible()
  await sheet.getByLabel('Password', { exact: true }).fill(decodeURIComponent(place.storeUrl.password))
  await sheet.getByRole('button', { name: 'Save linked service' }).click()
  await expect(sheet).toHaveCount(0)
  await expect(page.getByText('Opened by 1 of 1 node')).toBeVisible()
  await page.goto(run)
  await expectCopied(page)
})

test('a factory is deleted by its typed name, once nothing runs in it; what goes with it is said before', async ({
  page,
}) => {
  await page.goto(paths.pipeline(factory, 'files-nightly'))
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('region', { name: 'Why it waits' })).toBeVisible()
  const run = page.url()
  await page.goto(paths.factory(factory))
  await page.getByRole('button', { name: `Actions for ${factory}` }).click()
  await page.getByRole('menuitem', { name: 'Delete factory' }).click()
  const dialog = page.getByRole('dialog', { name: `Delete factory ${factory}` })
  for (const part of [
    '2 integration runtimes',
    '1 registered node',
    '2 linked services',
    '4 datasets',
    '2 pipelines',
    '3 runs',
  ])
    await expect(dialog).toContainText(part)
  await expect(dialog).toContainText('1 run in progress')
  await expect(dialog).toContainText('Data in your stores stays as it is')
  await expectAccessible(page)
  const confirm = dialog.getByRole('button', { name: 'Delete factory' })
  await expect(confirm).toBeDisabled()
  await dialog.getByRole('textbox').fill(factory)
  await confirm.click()
  await expect(dialog.getByRole('alert')).toContainText('while 1 run is in progress. Cancel them, or wait')
  await expect(dialog.getByRole('textbox')).toHaveValue(factory)
  await expectAccessible(page)

  await page.goto(run)
  await page.getByRole('button', { name: 'Cancel run' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Cancelled/)
  await page.goto(paths.factories())
  await page.getByRole('button', { name: `Actions for ${factory}` }).click()
  await page.getByRole('menuitem', { name: 'Delete factory' }).click()
  await dialog.getByRole('textbox').fill(factory)
  await confirm.click()
  await expect(page.getByText(`Factory ${factory} is deleted`)).toBeVisible()
  await expect(
    page.getByRole('table', { name: 'Factories' }).getByRole('link', { name: factory }),
  ).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 1, name: 'Factories' })).toBeFocused()
  await expect.poll(() => place.nodes['c']?.pid).toBeUndefined()
  // The copied rows are still there, and the audit log keeps the story.
  const { rows } = await place.store.query('SELECT count(*)::int AS copied FROM orders_copy')
  expect(rows).toEqual([{ copied: 2000 }])
  await page.goto('/audit?q=factory.deleted')
  await expect(page.getByRole('table', { name: 'Audit log' })).toContainText(factory)
  const answer = await page.goto(paths.factory(factory))
  expect(answer?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await expectAccessible(page)
})
