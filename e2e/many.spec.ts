import { linkedServices } from '@/drizzle/schema/authoring'
import { runtimes } from '@/drizzle/schema/runtimes'
import { paths } from '@/lib/paths'
import { expect, expectAccessible, test } from './support/journey'
import { saveStore, storeName } from './support/saved'
import { Wizard } from './support/wizard'
import { openWorkplace, type Workplace } from './support/workplace'

test.describe.configure({ mode: 'serial' })

const factory = 'many-journey'
const tableCount = 30
/** Under another schema the name may be as long: 63 bytes. */
const longTable = `t_${'long_name_'.repeat(6)}x`
/** Beyond the first hundred by name. */
const last = 'zz-archive'
let place: Workplace

test.beforeAll(async () => {
  place = await openWorkplace(factory, { nodes: ['a'] })
  await saveStore(place)
  const { db } = place.office
  const { runtime } = place.place
  const definition = {
    type: 'FileServer' as const,
    connectVia: { referenceName: runtime.name, type: 'IntegrationRuntimeReference' as const },
    typeProperties: { host: '/srv/exports' },
  }
  const folder = {
    tenantId: place.office.ctx.actor.tenantId,
    factoryId: place.place.factory.id,
    runtimeId: runtime.id,
    type: 'FileServer' as const,
    address: { type: 'FileServer' as const, host: '/srv/exports' },
    definition,
  }
  const names = [...Array.from({ length: 120 }, (_, index) => `branch-${1000 + index}`), last]
  await db.insert(linkedServices).values(names.map((name) => ({ ...folder, name })))
  const short = Array.from({ length: tableCount - 1 }, (_, index) => `t_${100 + index}`)
  const tables = [...short, longTable]
  for (const table of tables)
    await place.store.query(
      `CREATE SCHEMA IF NOT EXISTS mart; CREATE TABLE ${table} (id bigint PRIMARY KEY, label text); ANALYZE ${table}`,
    )
})
test.afterAll(async () => place.close())

test('linked services come a hundred at a time, and a wizard finds one of them by its name', async ({
  page,
}) => {
  await page.goto(paths.linkedServices(factory))
  const pages = page.getByRole('navigation', { name: 'Pages' })
  await expect(pages).toContainText('100 of 122 linked services')
  await expectAccessible(page)
  await pages.getByRole('link', { name: 'Next' }).focus()
  await page.keyboard.press('Enter')
  await expect(pages).toContainText('22 of 122 linked services')
  await expect(pages).toBeFocused()
  await expect(page.getByRole('link', { name: last })).toBeVisible()

  await page.goto(`${paths.linkedServices(factory)}?after=zzz`)
  await expect(page.getByText('The list ends before the place where this page begins.')).toBeVisible()
  await expect(page.getByText(/matches the filter/)).toHaveCount(0)
  await page.getByRole('link', { name: 'Go to the first page' }).click()
  await expect(pages).toContainText('100 of 122 linked services')

  const wizard = new Wizard(page)
  await wizard.open(factory)
  await expect(wizard.store('from', last)).toHaveCount(0)
  await expect(page.getByText('100 of 122 linked services: filter to find the others')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter linked services' }).fill('ARCHIVE')
  await wizard.choose('from', last)
  await page.reload()
  await expect(wizard.store('from', last)).toBeChecked()
  await expectAccessible(page)
})

test('a dataset is made in a store that only the filter finds', async ({ page }) => {
  await page.goto(`${paths.datasets(factory)}?new=1`)
  const sheet = page.getByRole('dialog', { name: 'Create dataset' })
  const stores = sheet.getByLabel('Linked service', { exact: true })
  await sheet.getByRole('textbox', { name: 'Name' }).fill('archived')
  await sheet.getByRole('searchbox', { name: 'Filter linked services' }).fill('archive')
  await stores.selectOption(last)
  await sheet.getByRole('searchbox', { name: 'Filter linked services' }).fill('')
  await expect(stores).toHaveValue(last)
  await sheet.getByRole('textbox', { name: 'Folder' }).fill('orders')
  await sheet.getByRole('button', { name: 'Create dataset' }).click()
  await expect(page).toHaveURL(new RegExp(`${paths.dataset(factory, 'archived')}$`))
})

test('a deletion that would be refused says so at once, with what uses the thing', async ({ page }) => {
  await page.goto(paths.linkedService(factory, last))
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const service = page.getByRole('dialog', { name: `Delete linked service ${last}` })
  await expect(service).toContainText('1 dataset uses it')
  await expect(service.getByRole('textbox')).toHaveCount(0)
  await expect(service.getByRole('button', { name: 'Delete linked service' })).toBeDisabled()
  await expectAccessible(page)
  await service.getByRole('link', { name: 'archived' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'archived' })).toBeVisible()

  const { name } = place.place.runtime
  await page.goto(paths.runtime(factory, name))
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Delete runtime' }).click()
  const runtime = page.getByRole('dialog', { name: `Delete integration runtime ${name}` })
  await expect(runtime).toContainText('122 linked services connect through it')
  await runtime.getByRole('link', { name: 'and 112 more' }).click()
  await expect(page.getByRole('navigation', { name: 'Pages' })).toContainText('100 of 122 linked services')
})

test('a linked service connects through a runtime that only the filter finds', async ({ page }) => {
  const { tenantId } = place.office.ctx.actor
  const names = [...Array.from({ length: 120 }, (_, index) => `berth-${1000 + index}`), 'zz-quay']
  await place.office.db
    .insert(runtimes)
    .values(names.map((name) => ({ tenantId, factoryId: place.place.factory.id, name })))
  await page.goto(`${paths.linkedServices(factory)}?new=1`)
  const sheet = page.getByRole('dialog', { name: 'Create linked service' })
  await sheet.getByRole('radio', { name: /^File system/ }).check()
  await sheet.getByRole('textbox', { name: 'Name' }).fill('far-files')
  await expect(sheet.getByText('100 of 122 integration runtimes: filter to find the others')).toBeVisible()
  await sheet.getByRole('searchbox', { name: 'Filter integration runtimes' }).fill('ZZ')
  const choice = sheet.getByLabel('Integration runtime', { exact: true })
  await choice.selectOption('zz-quay')
  await sheet.getByRole('searchbox', { name: 'Filter integration runtimes' }).fill('')
  await expect(choice).toHaveValue('zz-quay')
  await expectAccessible(page)
  await sheet.getByRole('textbox', { name: 'Folder' }).fill('/srv/far')
  await sheet.getByRole('button', { name: 'Create linked service' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'far-files' })).toBeVisible()
  await page.getByRole('button', { name: 'Edit' }).click()
  await expect(page.getByRole('dialog').getByLabel('Integration runtime', { exact: true })).toHaveValue(
    'zz-quay',
  )
})

test('an upsert of thirty tables proposes the key of each', async ({ page }) => {
  await page.goto(paths.copyWizard(factory, { linkedService: storeName }))
  const wizard = new Wizard(page)
  await expect(wizard.store('from', storeName)).toBeChecked()
  await page.getByRole('button', { name: 'Pick all' }).click({ timeout: 60_000 })
  await expect(page.getByText(`${tableCount} picked`)).toBeVisible()
  await page.getByRole('button', { name: 'Next: sink' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 2, name: 'Sink' })).toBeFocused()
  await page.getByRole('searchbox', { name: 'Filter linked services' }).fill(storeName)
  await expect(page.getByText('1 linked service', { exact: true })).toBeVisible()
  await wizard.choose('to', storeName)
  await wizard.field('Schema').fill('mart')
  await wizard.next('mapping')
  await wizard.next('options')
  await wizard.pick('What is there already', 'Upsert')
  const keys = page.getByRole('group', { name: /^Key of public\.t_/ })
  await expect(keys).toHaveCount(tableCount)
  await expect(keys.getByRole('checkbox', { name: 'id', checked: true })).toHaveCount(tableCount, {
    timeout: 120_000,
  })
  // A name may be as long as PostgreSQL lets it be, a phone as narrow as phones are.
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(page.getByRole('group', { name: `Key of public.${longTable}` })).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'Next: review' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 2, name: 'Review' })).toBeFocused()
  await expect(page.getByText('What will happen')).toBeVisible()
  await expect(page.getByText(/^Reading columns/)).toHaveCount(0)
  await expectAccessible(page)
})
