import type { BrowserContext, Page } from '@playwright/test'
import { cancelPipelineRun } from '@/lib/runs/cancel'
import { startPipelineRun } from '@/lib/runs/start'
import { paths } from '@/lib/paths'
import { expect, expectAccessible, test } from './support/journey'
import { saveCopyWithoutNode } from './support/saved'
import { openWorkplace, type Workplace } from './support/workplace'

test.describe.configure({ mode: 'serial', timeout: 600_000 })

const factory = 'deleted-journey'
const empty = `${factory}-empty`
let place: Workplace
let run: string

test.beforeAll(async () => {
  place = await openWorkplace(factory, { nodes: [] })
  const pipelineId = await saveCopyWithoutNode(place, 'files-nightly')
  const { ctx } = place.office
  const { pipelineRunId } = await startPipelineRun(ctx, { pipelineId })
  await cancelPipelineRun(ctx, { pipelineRunId })
  run = paths.run(factory, pipelineRunId)
})
test.afterAll(async () => place.close())

const kept = 'Typed before it was deleted'

/** Pages that keep themselves up to date: they say it without anybody's doing. */
const livePages = () => [
  paths.factory(factory),
  paths.runtime(factory, empty),
  paths.runtime(factory, empty, 'queue'),
  paths.runs(factory),
  run,
]

/** Forms with something typed: saving says it, and what was typed stays. */
type OpenForm = {
  title: string
  path: string
  fill: (page: Page) => Promise<void>
  save: (page: Page) => Promise<void>
  expectKept: (page: Page) => Promise<void>
}

/** Labels of fields that may stay empty say so behind their name. */
const inDialog = (page: Page, label: string) => page.getByRole('dialog').getByLabel(new RegExp(`^${label}`))

function sheet(
  title: string,
  {
    path,
    open,
    save,
    field,
  }: { path: string; open: (page: Page) => Promise<void>; save: string; field: string },
): OpenForm {
  const value = field === 'Name' ? 'typed-before' : kept
  return {
    title,
    path,
    fill: async (page) => {
      await open(page)
      await inDialog(page, field).fill(value)
    },
    save: (page) => page.getByRole('dialog').getByRole('button', { name: save }).click(),
    expectKept: (page) => expect(inDialog(page, field)).toHaveValue(value),
  }
}

function definition(title: string, path: string): OpenForm {
  const editor = (page: Page) => page.getByRole('textbox', { name: new RegExp(`^Definition of ${title}`) })
  return {
    title,
    path,
    fill: async (page) => {
      const text = await editor(page).inputValue()
      await editor(page).fill(
        text.replace('"properties": {', `"properties": {\n    "description": "${kept}",`),
      )
    },
    save: (page) => page.getByRole('button', { name: 'Save definition' }).click(),
    expectKept: (page) => expect(editor(page)).toHaveValue(new RegExp(kept)),
  }
}

const openForms: OpenForm[] = [
  sheet('Edit factory', {
    path: paths.factories(),
    open: async (page) => {
      await page.getByRole('button', { name: `Actions for ${factory}` }).click()
      await page.getByRole('menuitem', { name: 'Edit factory' }).click()
    },
    save: 'Save factory',
    field: 'Description',
  }),
  sheet('Create runtime', {
    path: paths.runtimes(factory),
    open: (page) => page.getByRole('button', { name: 'Create runtime' }).click(),
    save: 'Create runtime',
    field: 'Name',
  }),
  {
    title: 'Settings of a runtime',
    path: paths.runtime(factory, empty, 'settings'),
    fill: (page) => page.getByLabel('Description').fill(kept),
    save: (page) => page.getByRole('button', { name: 'Save settings' }).click(),
    expectKept: (page) => expect(page.getByLabel('Description')).toHaveValue(kept),
  },
  sheet('Edit linked service', {
    path: paths.linkedService(factory, 'share'),
    open: (page) => page.getByRole('button', { name: 'Edit' }).click(),
    save: 'Save linked service',
    field: 'Folder',
  }),
  definition('linked service', paths.linkedService(factory, 'share', 'definition')),
  definition('dataset', paths.dataset(factory, 'inbox', 'definition')),
  definition('pipeline', paths.pipeline(factory, 'files-nightly', 'definition')),
  {
    title: 'Copy data wizard',
    path: paths.copyWizard(factory),
    fill: async (page) => {
      const from = page.getByRole('group', { name: 'Copy from' })
      await from.getByRole('radio', { name: /^share/ }).check({ force: true })
      await page.getByRole('textbox', { name: 'Folder' }).fill('inbox')
      await page.getByRole('radio', { name: /^Binary/ }).check()
      await page.getByRole('button', { name: 'Next: sink' }).click()
      const to = page.getByRole('group', { name: 'Copy to' })
      await to.getByRole('radio', { name: /^share/ }).check({ force: true })
      await page.getByRole('textbox', { name: 'Folder' }).fill('elsewhere')
      for (const step of ['mapping', 'options', 'review'])
        await page.getByRole('button', { name: `Next: ${step}` }).click()
      await page.getByRole('textbox', { name: 'Pipeline name' }).fill('typed-before')
    },
    save: (page) => page.getByRole('button', { name: 'Save as pipeline' }).click(),
    expectKept: (page) =>
      expect(page.getByRole('textbox', { name: 'Pipeline name' })).toHaveValue('typed-before'),
  },
]

async function openTab(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(path)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  return page
}

async function deleteElsewhere(page: Page): Promise<void> {
  await page.goto(paths.factory(factory))
  await page.getByRole('button', { name: `Actions for ${factory}` }).click()
  await page.getByRole('menuitem', { name: 'Delete factory' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill(factory)
  await dialog.getByRole('button', { name: 'Delete factory' }).click()
  await expect(page.getByText(`Factory ${factory} is deleted`)).toBeVisible()
  await expect(page.getByRole('heading', { level: 1, name: 'Factories' })).toBeVisible()
  await expect(page.getByRole('main')).toBeFocused()
}

test('a factory that is deleted in another tab: every open page and form says so, and how to go on', async ({
  page,
  context,
}) => {
  const live = []
  for (const path of livePages()) live.push(await openTab(context, path))
  const forms = []
  for (const form of openForms) {
    const tab = await openTab(context, form.path)
    await form.fill(tab)
    forms.push({ form, tab })
  }
  const pipeline = await openTab(context, paths.pipeline(factory, 'files-nightly'))
  const list = await openTab(context, paths.linkedServices(factory))
  await deleteElsewhere(page)

  for (const tab of live) {
    await tab.bringToFront()
    const notice = tab.getByRole('status').filter({ hasText: 'This is not there any more' })
    await expect(notice).toContainText('it does not exist, or it was deleted')
    await expect(notice.getByRole('link', { name: 'Go to factories' })).toBeVisible()
  }
  for (const { form, tab } of forms)
    await test.step(form.title, async () => {
      await tab.bringToFront()
      await form.save(tab)
      const said = tab.getByRole('alert').filter({ hasText: 'it does not exist, or it was deleted' })
      await expect(said).not.toHaveText(/[0-9a-f]{8}-/)
      await expect(said.getByRole('link', { name: 'Go to factories' })).toBeVisible()
      await form.expectKept(tab)
      await expectAccessible(tab)
    })
  await pipeline.bringToFront()
  await pipeline.getByRole('button', { name: 'Run now' }).click()
  await expect(pipeline.getByText('The run did not start')).toBeVisible()
  await expect(pipeline.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await list.bringToFront()
  await list.getByRole('link', { name: 'share' }).click()
  await expect(list.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await expectAccessible(list)
  // This tab has not heard that the factory is gone as well: the way there says so.
  await list.getByRole('link', { name: `Go to factory ${factory}` }).click()
  await expect(list.getByRole('link', { name: /^Go to / })).toHaveText(['Go to factories'])

  // The way on from a form asks before it throws away what was typed.
  const settings = forms.find(({ form }) => form.title === 'Settings of a runtime')?.tab
  await settings?.bringToFront()
  await settings?.getByRole('link', { name: 'Go to factories' }).click()
  await settings?.getByRole('button', { name: 'Discard' }).click()
  await expect(settings ?? page).toHaveURL(/\/factories$/)
})
