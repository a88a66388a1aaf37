import type { APIResponse, Browser, Page } from '@playwright/test'
import { paths } from '@/lib/paths'
import { startPipelineRun } from '@/lib/runs/start'
import { as } from './support/as'
import { expect, expectAccessible, test } from './support/journey'
import { type Act, expectAct } from './support/permitted'
import type { PortalUnderTest } from './support/portal'
import { saveCopyWithoutNode, saveStore, saveTableCopy, storeName } from './support/saved'
import { openWorkplace, type Workplace } from './support/workplace'

test.describe.configure({ mode: 'serial' })

const factory = 'roles-journey'
const runtime = `${factory}-plant`
let place: Workplace
let waitingRun: string
let nodePath: string

test.beforeAll(async () => {
  place = await openWorkplace(factory, { nodes: ['a'] })
  await saveStore(place)
  await saveTableCopy(place, { name: 'orders-nightly', from: 'orders', to: 'orders_copy' })
  const pipelineId = await saveCopyWithoutNode(place, 'files-nightly')
  const { pipelineRunId } = await startPipelineRun(place.office.ctx, { pipelineId })
  waitingRun = paths.run(factory, pipelineRunId)
})
test.afterAll(async () => place.close())

type Allowed = 'Contributor' | 'Operator'
const contributors: Allowed[] = ['Contributor']
const operators: Allowed[] = ['Contributor', 'Operator']
const ownersOnly: Allowed[] = []

/** Written out by hand, so that a slip in the product's own table is seen. */
const pages: { path: () => string; acts: [Act, Allowed[]][] }[] = [
  {
    path: paths.factories,
    acts: [
      [{ button: 'Create factory' }, contributors],
      [{ button: `Actions for ${factory}`, item: 'Edit factory' }, contributors],
      [{ button: `Actions for ${factory}`, item: 'Delete factory' }, ownersOnly],
    ],
  },
  {
    path: () => paths.factory(factory),
    acts: [
      [{ button: `Actions for ${factory}`, item: 'Edit factory' }, contributors],
      [{ button: `Actions for ${factory}`, item: 'Delete factory' }, ownersOnly],
    ],
  },
  { path: () => paths.runtimes(factory), acts: [[{ button: 'Create runtime' }, contributors]] },
  {
    path: () => paths.runtime(factory, runtime),
    acts: [
      [{ button: `Actions for ${runtime}`, item: 'Delete runtime' }, contributors],
      [{ button: `Actions for ${factory}-a`, item: 'Cordon node' }, operators],
      [{ button: `Actions for ${factory}-a`, item: 'Rename node' }, contributors],
      [{ button: `Actions for ${factory}-a`, item: 'Remove node' }, contributors],
    ],
  },
  {
    path: () => paths.runtime(factory, runtime, 'install'),
    acts: [
      [{ button: 'Make an enrolment link' }, contributors],
      [{ button: 'Reveal Authentication key 1' }, ownersOnly],
      [{ button: 'Regenerate authentication key 1' }, ownersOnly],
    ],
  },
  {
    path: () => paths.runtime(factory, runtime, 'settings'),
    acts: [[{ button: 'Save settings' }, contributors]],
  },
  {
    path: () => nodePath,
    acts: [
      [{ button: `Actions for ${factory}-a`, item: 'Drain node' }, operators],
      [{ button: `Actions for ${factory}-a`, item: 'Rename node' }, contributors],
      [{ button: `Actions for ${factory}-a`, item: 'Remove node' }, contributors],
    ],
  },
  { path: () => paths.linkedServices(factory), acts: [[{ button: 'Create linked service' }, contributors]] },
  {
    path: () => paths.linkedService(factory, storeName),
    acts: [
      [{ button: 'Edit' }, contributors],
      [{ button: 'Delete' }, contributors],
      [{ button: 'Test connection' }, operators],
    ],
  },
  {
    path: () => paths.linkedService(factory, storeName, 'definition'),
    acts: [[{ button: 'Save definition' }, contributors]],
  },
  { path: () => paths.dataset(factory, 'orders'), acts: [[{ button: 'Delete' }, contributors]] },
  {
    path: () => paths.dataset(factory, 'orders', 'definition'),
    acts: [[{ button: 'Save definition' }, contributors]],
  },
  {
    path: () => paths.pipelines(factory),
    acts: [
      [{ button: 'Actions for orders-nightly', item: 'Run now' }, operators],
      [{ button: 'Actions for orders-nightly', item: 'Delete pipeline' }, contributors],
    ],
  },
  {
    path: () => paths.pipeline(factory, 'orders-nightly'),
    acts: [
      [{ button: 'Run now' }, operators],
      [{ button: 'More actions', item: 'Rename pipeline' }, contributors],
      [{ button: 'More actions', item: 'Delete pipeline' }, contributors],
    ],
  },
  {
    path: () => paths.pipeline(factory, 'orders-nightly', 'definition'),
    acts: [[{ button: 'Save definition' }, contributors]],
  },
  { path: () => waitingRun, acts: [[{ button: 'Cancel run' }, operators]] },
]

test('an owner may do all of it', async ({ page }) => {
  await page.goto(paths.runtime(factory, runtime))
  await page.getByRole('link', { name: `${factory}-a` }).click()
  await expect(page.getByRole('heading', { level: 1, name: `${factory}-a` })).toBeVisible()
  nodePath = new URL(page.url()).pathname
  for (const { path, acts } of pages) {
    await page.goto(path())
    for (const [act] of acts) await expectAct(page, act, true)
  }
})

for (const role of ['Reader', 'Operator', 'Contributor'] as const)
  test(`${role}: what they may not do is there, disabled, with its reason`, async ({ browser, portal }) => {
    test.setTimeout(600_000)
    const { page } = await as(role, browser, portal)
    for (const { path, acts } of pages) {
      await page.goto(path())
      for (const [act, allowed] of acts)
        await expectAct(
          page,
          act,
          allowed.some((one) => one === role),
        )
      if (role === 'Reader') await expectAccessible(page)
    }
    await page.goto(paths.audit())
    await expect(page.getByRole('heading', { level: 1, name: 'You may not see this page' })).toBeVisible()
    await expect(page.getByText(/it needs the role Owner/)).toBeVisible()
    await expectAccessible(page)
    await page.context().close()
  })

test('a reader neither looks into a store nor copies from it, and is told why', async ({
  browser,
  portal,
}) => {
  const { page } = await as('Reader', browser, portal)
  await page.goto(paths.linkedService(factory, storeName, 'browse'))
  await expect(page.getByText(/You may not look into this store: this needs the role/)).toBeVisible()
  await expectAccessible(page)
  await page.goto(paths.copyWizard(factory, { linkedService: storeName }))
  await expect(page.getByText(/You may not look into this store: this needs the role/)).toBeVisible()
  await page.getByRole('button', { name: 'Review' }).click()
  await expectAct(page, { button: 'Save as pipeline' }, false)
  await expectAct(page, { button: 'Run now' }, false)
  await expectAccessible(page)
  await page.context().close()
})

test('an operator looks into a store and sees no rows', async ({ browser, portal }) => {
  await place.store.query('CREATE TABLE IF NOT EXISTS orders (id int)')
  const { page } = await as('Operator', browser, portal)
  await page.goto(paths.linkedService(factory, storeName, 'browse'))
  await page.getByRole('button', { name: /schema public|^public/ }).click()
  await page
    .getByRole('list', { name: /orders-db \/ public$/ })
    .getByRole('button', { name: /orders/ })
    .click()
  await expect(page.getByRole('dialog').getByText(/This needs the role|this needs the role/)).toBeVisible()
  await page.context().close()
})

/** What the owner's page sends when the button is pressed, as it went over the wire. */
type Sent = { url: string; action: string; body: string; contentType: string }

async function watchAction(page: Page, press: () => Promise<void>): Promise<Sent> {
  const sent = page.waitForRequest((request) => Boolean(request.headers()['next-action']))
  await press()
  const request = await sent
  const headers = await request.allHeaders()
  return {
    url: request.url(),
    action: headers['next-action'] ?? '',
    body: request.postData() ?? '',
    contentType: headers['content-type'] ?? '',
  }
}

/** The same call by somebody else, who has no button for it. */
async function forge(
  role: 'Reader' | 'Operator' | 'Contributor',
  sent: Sent,
  { browser, portal }: { browser: Browser; portal: PortalUnderTest },
): Promise<APIResponse> {
  const { page } = await as(role, browser, portal)
  return await page.request.post(sent.url, {
    headers: {
      'next-action': sent.action,
      'content-type': sent.contentType,
      origin: portal.url,
      accept: 'text/x-component',
    },
    data: sent.body,
  })
}

test('a forged call of an action is refused, and changes nothing', async ({ page, browser, portal }) => {
  await page.goto(paths.factory(factory))
  await page.getByRole('button', { name: `Actions for ${factory}` }).click()
  await page.getByRole('menuitem', { name: 'Edit factory' }).click()
  await page.getByLabel('Description').fill('Written by its owner')
  const edit = await watchAction(page, () => page.getByRole('button', { name: 'Save factory' }).click())
  await expect(page.getByText('Written by its owner')).toBeVisible()
  edit.body = edit.body.replace('Written by its owner', 'Written by a forger')
  for (const role of ['Reader', 'Operator'] as const) {
    const answer = await forge(role, edit, { browser, portal })
    expect(await answer.text()).toContain('"code":"forbidden"')
  }
  await page.goto(paths.factory(factory))
  await expect(page.getByText('Written by its owner')).toBeVisible()
  // The same call by one who may does what it says: the refusals above were not for its form.
  expect(await (await forge('Contributor', edit, { browser, portal })).text()).toContain('"ok":true')
  await page.reload()
  await expect(page.getByText('Written by a forger')).toBeVisible()

  await page.goto(waitingRun)
  await page.getByRole('button', { name: 'Cancel run' }).click()
  const dialog = page.getByRole('dialog')
  const cancel = await watchAction(page, () => dialog.getByRole('button', { name: 'Cancel run' }).click())
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Cancelled/)
  expect(await (await forge('Reader', cancel, { browser, portal })).text()).toContain('"code":"forbidden"')
})

test('a forged call without a session, or from another site, is refused', async ({
  page,
  browser,
  portal,
}) => {
  await page.goto(paths.runtime(factory, runtime, 'settings'))
  await page.getByLabel('Description').fill('Beside the press')
  const save = await watchAction(page, () => page.getByRole('button', { name: 'Save settings' }).click())
  await expect(page.getByText(`Settings of ${runtime} are saved`)).toBeVisible()
  const headers = { 'next-action': save.action, 'content-type': save.contentType }
  const elsewhere = await page.request.post(save.url, {
    headers: { ...headers, origin: 'https://evil.example.com' },
    data: save.body,
  })
  expect(elsewhere.status()).toBe(403)
  const stranger = await browser.newContext({
    ignoreHTTPSErrors: true,
    storageState: { cookies: [], origins: [] },
  })
  const unknown = await stranger.request.post(save.url, {
    headers: { ...headers, origin: portal.url },
    data: save.body,
  })
  expect(await unknown.text()).toContain('"code":"unauthenticated"')
  await stranger.close()
})
