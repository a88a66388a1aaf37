import { readFile } from 'node:fs/promises'
import { eq } from 'drizzle-orm'
import { Client } from 'pg'
import { datasets } from '@/drizzle/schema/authoring'
import { paths } from '@/lib/paths'
import { expect, expectAccessible, test } from './support/journey'
import { owner } from './support/portal'
import { saveCopyWithoutNode, saveStore, saveTableCopy } from './support/saved'
import { openWorkplace, type Workplace } from './support/workplace'

test.describe.configure({ mode: 'serial' })

const factory = 'runs-journey'
let place: Workplace

test.beforeAll(async () => {
  place = await openWorkplace(factory, { nodes: ['a'] })
  await saveStore(place)
  await place.store.query(
    `CREATE TABLE orders AS SELECT id, 'order ' || id AS label, id * 1.5 AS amount FROM generate_series(1, 50000) AS id`,
  )
  await saveTableCopy(place, { name: 'orders-nightly', from: 'orders', to: 'orders_copy' })
  await saveTableCopy(place, { name: 'missing-nightly', from: 'not_there', to: 'never_made' })
  await saveCopyWithoutNode(place, 'files-nightly')
})

test.afterAll(async () => place.close())

test('a run is started on its pipeline, told live, and ends with a receipt', async ({ page }) => {
  await page.goto(paths.pipelines(factory))
  await expectAccessible(page)
  await page.getByRole('link', { name: 'orders-nightly' }).click()
  await expect(page.getByText('Content: as stream, and every row is read again')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    /^Copied 50,000 rows from public\.orders to public\.orders_copy in .+, exactly once, verified by reading the sink again\.$/,
    { timeout: 60_000 },
  )
  await expect(page).toHaveTitle('orders-nightly · Run · Sallyport')
  await expect(page.getByText('Equal at both ends')).toBeVisible()
  await expect(page.getByRole('table', { name: 'Parts' })).toContainText('Done')
  const { rows } = await place.store.query('SELECT count(*)::int AS copied FROM orders_copy')
  expect(rows).toEqual([{ copied: 50_000 }])

  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download receipt' }).click()
  const file = await (await download).path()
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject([
    { activity: 'Copy orders', receipt: { rowsWritten: '50000', verification: 'content' } },
  ])
  await page.getByLabel('Level').selectOption({ label: 'Everything' })
  await expect(page).toHaveURL(/level=debug/)
  await expectAccessible(page)
})

test('a failed run says what failed and what to do, and is resumed once that is done', async ({ page }) => {
  await page.goto(paths.pipeline(factory, 'missing-nightly'))
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Could not copy public\.not_there/, {
    timeout: 60_000,
  })
  const failure = page.getByRole('alert').filter({ hasText: 'Copy orders failed' })
  await expect(failure).toContainText('not_there')
  await expect(failure).toContainText('What you can do')
  await expectAccessible(page)

  await place.store.query('CREATE TABLE not_there AS SELECT id FROM generate_series(1, 10) AS id')
  await page.getByRole('button', { name: 'Retry run' }).click()
  const dialog = page.getByRole('dialog', { name: /Retry this run of missing-nightly/ })
  await expect(dialog.getByLabel(/Resume this run/)).toBeChecked()
  await dialog.getByRole('button', { name: 'Resume run' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Copied 10 rows/, { timeout: 60_000 })
})

test('what was deleted since is named in the dialog, before a retry fails', async ({ page }) => {
  await saveTableCopy(place, { name: 'gone-nightly', from: 'not_here', to: 'nor_there' })
  await page.goto(paths.pipeline(factory, 'gone-nightly'))
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Could not copy/, { timeout: 60_000 })
  await place.office.db.delete(datasets).where(eq(datasets.name, 'not-here'))
  await page.reload()
  await page.getByRole('button', { name: 'Retry run' }).click()
  const dialog = page.getByRole('dialog', { name: /Retry this run of gone-nightly/ })
  await expect(dialog.getByRole('radio', { name: 'Resume this run' })).toBeChecked()
  const restart = dialog.getByRole('radio', { name: 'Start a new run' })
  await expect(restart).toBeDisabled()
  await expect(restart).toHaveAccessibleDescription(
    /^Not possible now: .* input dataset "not-here" does not exist\. Create it, or name another one in the pipeline\.$/,
  )
  await expectAccessible(page)
})

test('a run that would append its rows twice offers no resume, says why, and proposes a new run', async ({
  page,
}) => {
  // The last row of the last part has the key of the first row of the first part: one of the two is committed, the other fails.
  await place.store.query(
    `CREATE TABLE twice AS SELECT CASE WHEN n = 400000 THEN 1 ELSE n END AS id, repeat('x', 60) AS label FROM generate_series(1, 400000) AS n;
     CREATE TABLE once (id int PRIMARY KEY, label text); ANALYZE twice`,
  )
  await saveTableCopy(place, { name: 'append-nightly', from: 'twice', to: 'once', append: true })
  await page.goto(paths.pipeline(factory, 'append-nightly'))
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Could not copy/, { timeout: 60_000 })
  await page.getByRole('button', { name: 'Retry run' }).click()
  const dialog = page.getByRole('dialog', { name: /Retry this run of append-nightly/ })
  const resume = dialog.getByRole('radio', { name: 'Resume this run' })
  await expect(resume).toBeDisabled()
  await expect(resume).toHaveAccessibleDescription(/^Not possible: Copy orders would begin at the first row/)
  const restart = dialog.getByRole('radio', { name: 'Start a new run' })
  await expect(restart).toBeChecked()
  await expect(restart).toBeFocused()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Start new run' }).click()
  await expect(page.getByRole('link', { name: 'instead of an earlier run' })).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Could not copy/, { timeout: 60_000 })
})

test('a run that waits says why, node by node, and is cancelled by its name', async ({ page }) => {
  await page.goto(paths.pipeline(factory, 'files-nightly'))
  await page.getByRole('button', { name: 'Run now' }).click()
  const why = page.getByRole('region', { name: 'Why it waits' })
  await expect(why).toContainText(`Register a node with the integration runtime ${factory}-empty`)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Cancel run' }).click()
  const dialog = page.getByRole('dialog', { name: /Cancel this run of files-nightly/ })
  await dialog.getByRole('button', { name: 'Cancel run' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    /^Cancelled the copy of inbox.* before it began\.$/,
  )
  // A screen reader hears of it, though nothing was pressed on the page that shows it.
  await expect(page.getByRole('status').filter({ hasText: /^Cancelled the copy of inbox/ })).toHaveCount(1)
  await expect(page.getByText(`cancelled by ${owner.name}`)).toBeVisible()
  await expect(page.getByRole('log')).toContainText(`${owner.name} asked to cancel`)
  await expectAccessible(page)
})

test('what is not there within a factory says so, and leads to the factory', async ({ page }) => {
  for (const [path, title] of [
    [paths.run(factory, 'nonsense'), 'Run · Sallyport'],
    [paths.runtime(factory, 'nowhere'), 'nowhere · Sallyport'],
    [paths.pipeline(factory, 'never-saved'), 'never-saved · Sallyport'],
    [`${paths.factory(factory)}/nonsense`, 'Sallyport'],
  ] as const) {
    const answer = await page.goto(path)
    expect(answer?.status()).toBe(404)
    await expect(page.getByRole('heading', { level: 1, name: 'There is nothing here' })).toBeVisible()
    await expect(page).toHaveTitle(title)
  }
  await expectAccessible(page)
  await page.getByRole('link', { name: `Go to factory ${factory}` }).click()
  await expect(page.getByRole('heading', { level: 1, name: factory })).toBeVisible()
})

test('the list of runs is filtered by its address, and every run is found again', async ({ page }) => {
  await page.goto(paths.runs(factory))
  const table = page.getByRole('table', { name: 'Runs' })
  await expect(table.getByRole('row')).toHaveCount(7)
  await expectAccessible(page)
  await page.getByLabel('Status').selectOption({ label: 'Cancelled' })
  await expect(page).toHaveURL(/status=Cancelled/)
  await expect(table.getByRole('row')).toHaveCount(2)
  await page.reload()
  await expect(table.getByRole('link', { name: 'files-nightly' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page).not.toHaveURL(/status=/)
  await expect(table.getByRole('row')).toHaveCount(7)
  await page.getByRole('searchbox', { name: 'Filter by pipeline' }).fill('orders')
  await expect(page).toHaveURL(/pipeline=orders/)
  await table.getByRole('link', { name: 'orders-nightly' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Copied 50,000 rows/)
})

test('what is typed while "Clear filters" still loads does not bring the old filters back', async ({
  page,
  portal,
}) => {
  await page.goto(paths.runs(factory, { status: 'Cancelled' }))
  const table = page.getByRole('table', { name: 'Runs' })
  const box = page.getByRole('searchbox', { name: 'Filter by pipeline' })
  await expect(table.getByRole('row')).toHaveCount(2)
  const holder = new Client(portal.databaseUrl)
  await holder.connect()
  try {
    // The cleared list cannot be read, so its page is still on its way when the next filter is typed.
    await holder.query('BEGIN; LOCK TABLE pipeline_runs IN ACCESS EXCLUSIVE MODE')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    const asked = page.waitForRequest(/pipeline=orders/)
    await box.fill('orders')
    expect((await asked).url()).not.toContain('status=')
  } finally {
    await holder.end()
  }
  await expect(page).toHaveURL(/\/runs\?pipeline=orders$/)
  await expect(table.getByRole('row')).toHaveCount(2)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(table.getByRole('row')).toHaveCount(7)
  await expect(box).toHaveValue('')
})

test('a definition is edited as JSON: problems by their path, and what is unknown is left out', async ({
  page,
}) => {
  await page.goto(paths.pipeline(factory, 'orders-nightly', 'definition'))
  const editor = page.getByRole('textbox', { name: 'Definition of pipeline orders-nightly' })
  const text = await editor.inputValue()
  await editor.fill(text.replace('"Copy"', '"Lookup"'))
  await expect(page.getByText('properties.activities.0.type: Only copy activities')).toBeVisible()
  await expectAccessible(page)
  await editor.fill(text.replace('"type": "Copy",', '"type": "Copy", "policy": { "retry": 2 },'))
  await page.getByRole('button', { name: 'Save definition' }).click()
  await expect(page.getByText('Pipeline orders-nightly is saved')).toBeVisible()
  await expect(page.getByText('properties.activities.0.policy')).toBeVisible()
})
