import { eq } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { paths } from '@/lib/paths'
import { expect, expectAccessible, test } from './support/journey'
import { openWorkplace, type Workplace } from './support/workplace'

// Axe reads each page twice, and two cores carry everything: slow is not wrong.
test.describe.configure({ mode: 'serial', timeout: 300_000 })

const factory = 'authoring-journey'
const name = 'orders-db'
let place: Workplace

test.beforeAll(async () => {
  test.setTimeout(240_000)
  place = await openWorkplace(factory, { nodes: ['a', 'b'], slots: 2 })
  await place.store.query(
    `CREATE TABLE orders (id bigint PRIMARY KEY, label text, total numeric(12,2), placed_at timestamptz);
     INSERT INTO orders SELECT g, CASE WHEN g % 3 = 0 THEN NULL ELSE 'order ' || g END, g * 1.37, now() FROM generate_series(1, 5000) g;
     CREATE SCHEMA mart; ANALYZE orders`,
  )
})

test.afterAll(async () => place.close())

test('a linked service is created with a sealed password, and tested by each node', async ({ page }) => {
  await page.goto(paths.linkedServices(factory))
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Create linked service' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
  await sheet.getByRole('button', { name: 'Create linked service' }).click()
  await expect(sheet.getByText('Enter the host name or address')).toBeVisible()
  await expect(sheet.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(name)
  await expectAccessible(page)

  await expect(sheet.getByLabel('Integration runtime')).toHaveValue(place.runtime)
  await sheet.getByRole('textbox', { name: 'Host' }).fill(place.storeUrl.hostname)
  await sheet.getByLabel('Port').fill(place.storeUrl.port)
  await sheet.getByRole('textbox', { name: 'Database' }).fill(place.storeUrl.pathname.slice(1))
  await sheet.getByRole('textbox', { name: 'User name' }).fill(place.storeUrl.username)
  await sheet.getByLabel('Encryption').selectOption('disable')
  await sheet.getByRole('button', { name: 'Create linked service' }).click()
  await expect(sheet.getByText('Enter the password')).toBeVisible()
  await sheet.getByLabel('Password', { exact: true }).fill(decodeURIComponent(place.storeUrl.password))
  await sheet.getByRole('button', { name: 'Create linked service' }).click()
  await expect(page).toHaveURL(new RegExp(`${paths.linkedService(factory, name)}$`))

  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText(/^Connected in/)).toHaveCount(2, { timeout: 60_000 })
  await expect(page.getByText('Opened by 2 of 2 nodes')).toBeVisible({ timeout: 40_000 })
  await expectAccessible(page)
})

test('a wrong password is named by each node that tests it, with what to do', async ({ page }) => {
  await page.goto(paths.linkedService(factory, name))
  const sheet = page.getByRole('dialog')
  for (const [password, said] of [
    ['not the password', /Enter the user name and the password of the linked service again/],
    [decodeURIComponent(place.storeUrl.password), /^Connected in/],
  ] as const) {
    await page.getByRole('button', { name: 'Edit' }).click()
    await sheet.getByLabel('Password', { exact: true }).fill(password)
    await sheet.getByRole('button', { name: 'Save linked service' }).click()
    await expect(sheet).toHaveCount(0)
    await page.getByRole('button', { name: 'Test connection' }).click()
    await expect(page.getByText(said)).toHaveCount(2)
    await expectAccessible(page)
  }
})

test('a password that is saved beside the JSON does not stay in its field', async ({ page }) => {
  await page.goto(paths.linkedService(factory, name, 'definition'))
  const secret = page.getByLabel('The password', { exact: true })
  await secret.fill(decodeURIComponent(place.storeUrl.password))
  await page.getByRole('button', { name: 'Save definition' }).click()
  await expect(page.getByText(`Linked service ${name} is saved`)).toBeVisible()
  await expect(secret).toHaveValue('')
  await expect(secret).toHaveAttribute('placeholder', 'Unchanged')
})

test('on a phone, what stopped a long form is seen at once', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(paths.linkedService(factory, name))
  await page.getByRole('button', { name: 'Edit' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('textbox', { name: 'Host' }).fill('localhost')
  await sheet.getByLabel('Password', { exact: true }).fill('another')
  await place.office.db
    .update(linkedServices)
    .set({ updatedAt: new Date() })
    .where(eq(linkedServices.factoryId, place.place.factory.id))
  await sheet.getByRole('button', { name: 'Save linked service' }).click()
  const said = sheet.getByRole('alert').filter({ hasText: 'Somebody else has changed the linked service' })
  await expect(said).toBeInViewport({ ratio: 1 })
})

test('a changed address wants the password again, and nothing typed is lost', async ({ page }) => {
  await page.goto(paths.linkedService(factory, name))
  await page.getByRole('button', { name: 'Edit' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('textbox', { name: 'Host' }).fill('db.example.com')
  await expect(sheet.getByText(/the host changed: enter the password again/)).toBeVisible()
  await sheet.getByRole('button', { name: 'Save linked service' }).click()
  await expect(sheet.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await expect(sheet.getByRole('textbox', { name: 'Host' })).toHaveValue('db.example.com')
})

test('a store is browsed, and its rows are previewed sealed', async ({ page }) => {
  await page.goto(paths.linkedService(factory, name, 'browse'))
  await page.getByRole('button', { name: 'public' }).click({ timeout: 60_000 })
  await expect(page.getByRole('button', { name: 'orders about 5,000 rows' })).toBeVisible({ timeout: 60_000 })
  await expectAccessible(page)
  await page.getByRole('button', { name: 'orders about 5,000 rows' }).click()
  await expect(page.getByRole('cell', { name: 'order 1', exact: true })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('dialog').getByText('numeric(12,2)').first()).toBeVisible()
  await expectAccessible(page)
  await page.goto(paths.linkedService(factory, name, 'definition'))
  await expect(page.getByLabel(`Definition of linked service ${name}`)).toHaveValue(/"encryptedCredential"/)
  await expectAccessible(page)
})

test('a dataset is made by hand: its table is browsed for, and what is wrong is said at its field', async ({
  page,
}) => {
  await page.goto(paths.datasets(factory))
  await expect(page.getByText('No dataset yet')).toBeVisible()
  await page.getByRole('button', { name: 'Create dataset' }).click()
  const sheet = page.getByRole('dialog', { name: 'Create dataset' })
  await sheet.getByRole('button', { name: 'Create dataset' }).click()
  await expect(sheet.getByText('Enter the table')).toBeVisible()
  await expect(sheet.getByRole('textbox', { name: 'Name' })).toHaveAttribute('aria-invalid', 'true')
  await expectAccessible(page)
  await sheet.getByRole('textbox', { name: 'Name' }).fill('all-orders')
  await sheet.getByRole('button', { name: 'Browse' }).click()
  const browser = page.getByRole('dialog', { name: 'Choose a table' })
  await browser.getByRole('button', { name: 'orders about 5,000 rows' }).click({ timeout: 60_000 })
  await expect(sheet.getByRole('textbox', { name: 'Table' })).toHaveValue('orders')
  await sheet.getByRole('button', { name: 'Create dataset' }).click()
  await expect(page).toHaveURL(new RegExp(`${paths.dataset(factory, 'all-orders')}$`))
  await expect(page.getByRole('cell', { name: 'order 1', exact: true })).toBeVisible({ timeout: 60_000 })

  await page.goto(`${paths.datasets(factory)}?new=1`)
  await sheet.getByRole('textbox', { name: 'Name' }).fill('ALL-ORDERS')
  await sheet.getByRole('textbox', { name: 'Table' }).fill('lines')
  await sheet.getByRole('button', { name: 'Create dataset' }).click()
  await expect(sheet.getByText('A dataset with this name exists already in this factory')).toBeVisible()
  await expect(sheet.getByRole('textbox', { name: 'Table' })).toHaveValue('lines')
})

test('a dataset of files keeps its format and settings, in the shape of Data Factory', async ({ page }) => {
  await page.goto(`${paths.linkedServices(factory)}?new=1`)
  const service = page.getByRole('dialog', { name: 'Create linked service' })
  await service.getByRole('radio', { name: /^File system/ }).check()
  await service.getByRole('textbox', { name: 'Name', exact: true }).fill('exports')
  await service.getByRole('textbox', { name: 'Folder' }).fill('/srv/exports')
  await service.getByRole('button', { name: 'Create linked service' }).click()
  await expect(page).toHaveURL(new RegExp(`${paths.linkedService(factory, 'exports')}$`))

  await page.goto(`${paths.datasets(factory)}?new=1`)
  const sheet = page.getByRole('dialog', { name: 'Create dataset' })
  await sheet.getByRole('textbox', { name: 'Name' }).fill('daily-csv')
  await sheet.getByLabel('Linked service').selectOption('exports')
  await sheet.getByRole('textbox', { name: 'Folder' }).fill('/daily/')
  await sheet.getByRole('radio', { name: /^CSV/ }).check()
  await sheet.getByLabel('Delimiter').selectOption({ label: 'Tab' })
  await sheet.getByRole('textbox', { name: 'Quote' }).fill('""')
  await sheet.getByLabel('Compression').selectOption('gzip')
  await sheet.getByRole('button', { name: 'Create dataset' }).click()
  await expect(sheet.getByText('Use one character')).toBeVisible()
  await expectAccessible(page)
  await sheet.getByRole('textbox', { name: 'Quote' }).fill('"')
  await sheet.getByRole('button', { name: 'Create dataset' }).click()
  await expect(page).toHaveURL(new RegExp(`${paths.dataset(factory, 'daily-csv')}$`))
  await page.goto(paths.dataset(factory, 'daily-csv', 'definition'))
  const text = await page.getByRole('textbox', { name: 'Definition of dataset daily-csv' }).inputValue()
  expect(JSON.parse(text)).toMatchObject({
    name: 'daily-csv',
    properties: {
      type: 'DelimitedText',
      typeProperties: {
        location: { type: 'FileServerLocation', folderPath: 'daily' },
        columnDelimiter: '\t',
        quoteChar: '"',
        compressionCodec: 'gzip',
      },
    },
  })
})

test('a definition is not saved over what somebody else saved meanwhile, and says what it leaves out', async ({
  page,
  context,
}) => {
  const definition = (of: typeof page) => of.getByRole('textbox', { name: 'Definition of dataset daily-csv' })
  const change = async (of: typeof page, description: string) => {
    const text = await definition(of).inputValue()
    await definition(of).fill(text.replace('"type"', `"description": "${description}", "folder": 1, "type"`))
    await of.getByRole('button', { name: 'Save definition' }).click()
  }
  const other = await context.newPage()
  for (const each of [page, other]) await each.goto(paths.dataset(factory, 'daily-csv', 'definition'))
  await change(page, 'mine')
  await expect(page.getByText('Dataset daily-csv is saved')).toBeVisible()
  await expect(page.getByText('properties.folder', { exact: true })).toBeVisible()
  await change(other, 'theirs')
  await expect(other.getByText(/Somebody else has changed the dataset "daily-csv"/)).toBeVisible()
  await expect(definition(other)).toHaveValue(/theirs/)
  await other.close()
  await page.reload()
  await expect(definition(page)).toHaveValue(/"mine"/)
})

test('the copy wizard keeps what was chosen, maps columns, and runs the copy', async ({ page }) => {
  await page.goto(paths.copyWizard(factory))
  await page.getByRole('button', { name: 'Next: sink' }).click()
  await expect(page.getByRole('radio').first()).toBeFocused()
  await page.getByRole('radio', { name: new RegExp(name) }).check({ force: true })
  const tables = page.getByRole('listbox', { name: 'Tables of public' })
  await expect(tables).toBeVisible({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Next: sink' }).click()
  await expect(tables).toBeFocused()
  await expect(tables).toHaveAccessibleDescription('Choose at least one table')
  await page.getByRole('option', { name: 'orders' }).click({ timeout: 60_000 })
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Next: sink' }).click()
  await page.getByRole('radio', { name: new RegExp(name) }).check({ force: true })
  await page.getByRole('button', { name: 'Next: mapping' }).click()
  await expect(page.getByText('public.orders would be copied onto itself')).toBeVisible()
  await page.getByRole('textbox', { name: 'Schema' }).fill('marts')
  await expect(page.getByText(`${name} has no schema marts that its login may use`)).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('textbox', { name: 'Schema' }).fill('mart')
  await expect(page.getByText(/has no schema/)).toHaveCount(0)
  await page.getByRole('button', { name: 'Next: mapping' }).click()

  await page.getByLabel('Sink type of total').fill('numeric(12,1)', { timeout: 60_000 })
  await expect(page.getByText('Loses: rounded to 1 decimal')).toBeVisible()
  await page.getByRole('button', { name: 'Preview ten rows' }).click()
  const arriving = page.getByRole('region', { name: 'As they will arrive' })
  await expect(arriving.getByRole('cell', { name: '1.4', exact: true })).toBeVisible({ timeout: 60_000 })
  await expectAccessible(page)
  await page.reload()
  await expect(page.getByLabel('Sink type of total')).toHaveValue('numeric(12,1)', { timeout: 60_000 })

  await page.getByRole('button', { name: 'Next: options' }).click()
  await page.getByRole('radio', { name: /^Overwrite/ }).check()
  await page.getByRole('radio', { name: /^Content/ }).check()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Next: review' }).click()
  await page.getByRole('textbox', { name: 'Pipeline name' }).fill('orders-to-mart')
  await page.getByRole('button', { name: 'Show JSON' }).click()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Copied 5,000 rows/, { timeout: 90_000 })
  const { rows } = await place.store.query(
    'SELECT count(*)::int AS copied, sum(total) AS total FROM mart.orders',
  )
  expect(rows).toEqual([{ copied: 5000, total: expect.stringMatching(/^\d+\.\d$/) }])
})

test('the datasets of the copy show their columns and say who uses them', async ({ page }) => {
  await page.goto(paths.datasets(factory))
  await expectAccessible(page)
  await page.getByRole('link', { name: 'orders-to-mart-sink' }).click()
  await expect(page.getByText('used by orders-to-mart')).toBeVisible()
  await expect(page.getByRole('cell', { name: '1.4', exact: true })).toBeVisible({ timeout: 60_000 })
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('1 pipeline copies from or to it')).toBeVisible()
  await expect(dialog.getByRole('link', { name: 'orders-to-mart' })).toBeVisible()
  await expect(dialog.getByRole('textbox')).toHaveCount(0)
  await expect(dialog.getByRole('button', { name: 'Delete dataset' })).toBeDisabled()
})
