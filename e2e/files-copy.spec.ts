import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetMetadataAsync } from 'hyparquet'
import { paths } from '@/lib/paths'
import { type BlobStore, readBlobs, startBlobStore } from './support/blobs'
import { expect, expectAccessible, test } from './support/journey'
import { portalUnderTest } from './support/portal'
import { saveStore, storeName } from './support/saved'
import { Wizard } from './support/wizard'
import { openWorkplace, type Workplace } from './support/workplace'

test.describe.configure({ mode: 'serial', timeout: 600_000 })

const factory = 'files-journey'
const closing = new AsyncDisposableStack()
let place: Workplace
let blobs: BlobStore
/** What the node may open. */
let exportsFolder: string

test.beforeAll(async () => {
  exportsFolder = join(portalUnderTest().folder, 'exports')
  await mkdir(join(exportsFolder, 'orders/late'), { recursive: true })
  await writeFile(join(exportsFolder, 'orders/orders-1.csv'), 'id,label,total\n1,first,1.50\n2,,2.50\n')
  await writeFile(join(exportsFolder, 'orders/orders-2.csv'), 'id,label,total\n3,"third, quoted",3.50\n')
  await writeFile(join(exportsFolder, 'orders/late/orders-3.csv'), 'id,label,total\n4,"",4.50\n')
  await writeFile(join(exportsFolder, 'orders/notes.txt'), 'Not for the copy\n')
  blobs = await startBlobStore(join(portalUnderTest().folder, 'blobs'), 'lake')
  closing.defer(() => blobs.stop())
  place = await openWorkplace(factory, { nodes: ['a'], allowFolders: [exportsFolder] })
  closing.defer(() => place.close())
  await saveStore(place)
  await place.store.query(
    `CREATE TABLE sales AS SELECT g AS id, CASE WHEN g % 5 = 0 THEN NULL ELSE 'sale ' || g END AS label, g * 1.25 AS total
       FROM generate_series(1, 1000) g; ANALYZE sales`,
  )
})
test.afterAll(async () => closing.disposeAsync())

test('stores of blobs and of files get linked services of their own, and the node reaches them', async ({
  page,
}) => {
  await page.goto(paths.linkedServices(factory))
  await page.getByRole('button', { name: 'Create linked service' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('radio', { name: /^Azure Blob Storage/ }).check()
  await sheet.getByRole('textbox', { name: 'Name', exact: true }).fill('lake')
  await sheet.getByRole('textbox', { name: 'Endpoint' }).fill('blobs of ours')
  await sheet.getByRole('textbox', { name: 'Account name' }).fill(blobs.accountName)
  await sheet.getByRole('button', { name: 'Create linked service' }).click()
  await expect(sheet.getByText(/Enter an address that begins with https/)).toBeVisible()
  await expectAccessible(page)
  await sheet.getByRole('textbox', { name: 'Endpoint' }).fill(blobs.serviceEndpoint)
  await sheet.getByRole('textbox', { name: 'Account key', exact: true }).fill(blobs.accountKey)
  await sheet.getByRole('button', { name: 'Create linked service' }).click()
  await expect(page).toHaveURL(new RegExp(`${paths.linkedService(factory, 'lake')}$`))
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText(/^Connected in/)).toBeVisible()
  await expectAccessible(page)

  await page.goto(paths.linkedServices(factory))
  await page.getByRole('button', { name: 'Create linked service' }).click()
  await sheet.getByRole('radio', { name: /^File system/ }).check()
  await sheet.getByRole('textbox', { name: 'Name', exact: true }).fill('share')
  await sheet.getByRole('textbox', { name: 'Folder' }).fill('/etc')
  await expectAccessible(page)
  await sheet.getByRole('button', { name: 'Create linked service' }).click()
  await expect(page).toHaveURL(new RegExp(`${paths.linkedService(factory, 'share')}$`))
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText(/configure --allow-folder/)).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Edit' }).click()
  await sheet.getByRole('textbox', { name: 'Folder' }).fill(exportsFolder)
  await sheet.getByRole('button', { name: 'Save linked service' }).click()
  await expect(sheet).toHaveCount(0)
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText(/^Opened in/)).toBeVisible()
})

test('a folder with a wildcard goes into a table; back, reload and an error on the way lose nothing', async ({
  page,
}) => {
  const wizard = new Wizard(page)
  await wizard.open(factory)
  await wizard.choose('from', 'share')
  await wizard.field('Folder').fill('order')
  await wizard.field('File').fill('orders-*.csv')
  await wizard.pick('Format', 'CSV')
  await expectAccessible(page)
  await wizard.next('sink')
  await wizard.choose('to', storeName)
  await wizard.field('Table').fill('from_files')
  await expectAccessible(page)
  await wizard.next('mapping')
  // The folder was mistyped: the node says so, and everything else is still there.
  await expect(page.getByRole('alert').filter({ hasText: /order/ })).toBeVisible()
  await expectAccessible(page)
  await page.reload()
  await expect(page.getByRole('alert').filter({ hasText: /order/ })).toBeVisible()
  await page.goBack()
  await expect(wizard.field('Table')).toHaveValue('from_files')
  await page.getByRole('button', { name: 'Back to source' }).click()
  await expect(wizard.field('File')).toHaveValue('orders-*.csv')
  await expect(page.getByRole('radio', { name: /^CSV/ })).toBeChecked()
  await wizard.field('Folder').fill('orders')
  await wizard.next('sink')
  await expect(wizard.store('to', storeName)).toBeChecked()
  await wizard.next('mapping')
  await page.getByLabel('Sink type of total').fill('numeric(10,2)')
  await page.getByLabel('Sink type of id').fill('integer')
  await page.reload()
  await expect(page.getByLabel('Sink type of total')).toHaveValue('numeric(10,2)')
  await expectAccessible(page)
  await wizard.next('options')
  await wizard.pick('Verification', 'Content')
  await wizard.next('review')
  await wizard.run('files-to-table', /^Copied 4 rows .*, exactly once, verified by reading the sink again\.$/)
  const { rows } = await place.store.query('SELECT id, label, total::text FROM from_files ORDER BY id')
  expect(rows).toEqual([
    { id: 1, label: 'first', total: '1.50' },
    { id: 2, label: null, total: '2.50' },
    { id: 3, label: 'third, quoted', total: '3.50' },
    { id: 4, label: '', total: '4.50' },
  ])
  await expectAccessible(page)
})

/** How many rows the files hold, by the rules of their format. */
const counting: Record<string, (files: Buffer[]) => Promise<number>> = {
  CSV: async (files) =>
    files.reduce((sum, file) => sum + file.toString().trimEnd().split('\n').length - 1, 0),
  'JSON lines': async (files) =>
    files.flatMap((file) =>
      file
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).length,
  Parquet: async (files) => {
    let rows = 0
    for (const file of files) {
      const bytes = new Uint8Array(file).buffer
      rows += Number((await parquetMetadataAsync(bytes)).num_rows)
    }
    return rows
  },
}

for (const [store, format] of [
  ['lake', 'CSV'],
  ['lake', 'JSON lines'],
  ['lake', 'Parquet'],
  ['share', 'CSV'],
  ['share', 'JSON lines'],
  ['share', 'Parquet'],
] as const)
  test(`a table goes into ${format} files in ${store}`, async ({ page }) => {
    const folder = `out/${format.toLowerCase().replace(' ', '-')}`
    const wizard = new Wizard(page)
    await wizard.open(factory)
    await wizard.choose('from', storeName)
    await wizard.table('sales')
    await wizard.next('sink')
    await wizard.choose('to', store)
    if (store === 'lake') await wizard.field('Container').fill('lake')
    await wizard.field('Folder').fill(folder)
    await wizard.pick('Format', format)
    await wizard.pick('Compression', 'None')
    await wizard.next('mapping')
    await expect(page.getByLabel('Sink name of label')).toHaveValue('label')
    await page.goBack()
    await expect(page.getByRole('radio', { name: new RegExp(`^${format}`) })).toBeChecked()
    await expect(wizard.field('Folder')).toHaveValue(folder)
    await page.goForward()
    await wizard.next('options')
    await wizard.next('review')
    await wizard.run(
      `sales-to-${store}-${format.toLowerCase().replace(' ', '-')}`,
      /^Copied 1,000 rows .*, exactly once, verified\.$/,
    )
    expect(await counting[format]?.(await filesIn(store, folder))).toBe(1000)
  })

async function filesIn(store: 'lake' | 'share', folder: string): Promise<Buffer[]> {
  if (store === 'lake') return [...(await readBlobs(blobs.container, folder)).values()]
  const root = join(exportsFolder, folder)
  // A hidden file is the node's own record of what it wrote there.
  const names = (await readdir(root)).filter((name) => !name.startsWith('.'))
  return Promise.all(names.map((name) => readFile(join(root, name))))
}

test('a folder goes into blobs unchanged, byte for byte', async ({ page }) => {
  const wizard = new Wizard(page)
  await wizard.open(factory)
  await wizard.choose('from', 'share')
  await wizard.field('Folder').fill('orders')
  await wizard.pick('Format', 'Binary')
  await wizard.next('sink')
  await wizard.choose('to', 'lake')
  await wizard.field('Container').fill('Lake of ours')
  await page.getByRole('button', { name: 'Next: mapping' }).click()
  await expect(page.getByText('Use 3 to 63 lower-case letters, digits and single hyphens')).toBeVisible()
  await expectAccessible(page)
  await wizard.field('Container').fill('lake')
  await wizard.field('Folder').fill('kept')
  await wizard.next('mapping')
  await expectAccessible(page)
  await wizard.next('options')
  await page.reload()
  await wizard.next('review')
  await expect(page.getByRole('complementary', { name: 'Summary of the copy' })).toContainText('Binary')
  await wizard.run('orders-kept', /^Copied 4 files .*, exactly once, verified\.$/)
  await expectAccessible(page)
  const kept = await readBlobs(blobs.container, 'kept')
  expect([...kept.keys()].toSorted()).toEqual([
    'kept/late/orders-3.csv',
    'kept/notes.txt',
    'kept/orders-1.csv',
    'kept/orders-2.csv',
  ])
  for (const [name, bytes] of kept)
    expect(md5(bytes), name).toBe(md5(await readFile(join(exportsFolder, name.replace('kept', 'orders')))))
})

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
