import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { eq } from 'drizzle-orm'
import { nodes } from '@/drizzle/schema/runtimes'
import { revealAuthKeys } from '@/lib/auth-keys/reveal'
import { paths } from '@/lib/paths'
import { endpoints } from '@/lib/protocol/endpoints'
import { startPortalProcess } from '@/server/portal-process'
import { awaitVault, startNode } from '@/server/stack/nodes'
import { ownerEmail } from '@/server/stack/stack'
import { TestNode } from '@/server/test-node'
import { signIn } from './support/as'
import { type Desk, openDesk } from './support/desk'
import { closeGate, makeGatedView, openGate } from './support/gate'
import { expect, expectAccessible, test } from './support/journey'
import { portalUnderTest } from './support/portal'
import { saveStore, saveTableCopy } from './support/saved'

// Portals of their own: the owner of the other journeys is unknown to them.
test.use({ storageState: { cookies: [], origins: [] } })

const folderOf = (name: string) => join(portalUnderTest().folder, name)

/** A node, and a pipeline whose copy waits at the gate. */
async function makeCopy(begun: AsyncDisposableStack, desk: Desk): Promise<void> {
  const { office, place, dataDir } = desk
  const node = await startNode(office, place, {
    name: 'desk-a',
    by: 'key',
    slots: 2,
    allowFolders: [],
    dataDir: join(dataDir, 'nodes'),
  })
  begun.defer(() => node.stop())
  await awaitVault(office, place, 1)
  await saveStore(desk)
  await makeGatedView(desk.store, 'orders')
  await saveTableCopy(desk, { name: 'orders-nightly', from: 'orders', to: 'orders_copy' })
}

async function startRun(page: Page, at: string): Promise<void> {
  await page.goto(`${at}${paths.pipeline('desk', 'orders-nightly')}`)
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('table', { name: 'Parts' })).toContainText('desk-a', { timeout: 180_000 })
}

async function expectCopied(page: Page, desk: Desk): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Copied 2,000 rows .*, exactly once/, {
    timeout: 180_000,
  })
  const { rows } = await desk.store.query('SELECT count(*)::int AS copied FROM orders_copy')
  expect(rows).toEqual([{ copied: 2000 }])
}

test('a portal is killed in the middle of a run: run and page recover by themselves', async ({ page }) => {
  await using begun = new AsyncDisposableStack()
  const desk = await openDesk(begun, { dataDir: folderOf('killed') })
  await makeCopy(begun, desk)
  const { office, dataDir } = desk
  await signIn(page, { email: ownerEmail, password: office.ownerPassword }, office.portal.publicUrl)
  await closeGate(desk.store)
  await startRun(page, office.portal.publicUrl)

  await office.portal.kill()
  const notice = page.getByRole('status').filter({ hasText: 'This page is not up to date' })
  await expect(notice).toContainText('The portal does not answer. It is asked again by itself')
  await expectAccessible(page)
  const again = await startPortalProcess(office.settings, join(dataDir, 'portal.log'))
  begun.defer(async () => void (await again.stop()))
  await expect(notice).toHaveCount(0)
  await openGate(desk.store)
  await expectCopied(page, desk)
})

test('two portals share one database: either shows, starts and finishes what the other began', async ({
  page,
}) => {
  await using begun = new AsyncDisposableStack()
  const dataDir = folderOf('two')
  const desk = await openDesk(begun, {
    dataDir,
    settings: ({ url }) => ({
      DATABASE_URL: url,
      SALLYPORT_SECRET_KEY_FILE: join(dataDir, 'portal', 'secret.key'),
    }),
  })
  const { office } = desk
  await makeCopy(begun, desk)
  const second = await startPortalProcess(
    { ...office.settings, SALLYPORT_DATA_DIR: join(dataDir, 'second'), SALLYPORT_PORT: '0' },
    join(dataDir, 'second.log'),
  )
  begun.defer(async () => void (await second.stop()))
  // Signed in at the first, known to the second; the node polls the first and is told what the second enqueues.
  await signIn(page, { email: ownerEmail, password: office.ownerPassword }, office.portal.publicUrl)
  await startRun(page, second.localUrl)
  await expectCopied(page, desk)
  await page.goto(`${office.portal.publicUrl}${paths.runs('desk')}`)
  await expect(page.getByRole('table', { name: 'Runs' })).toContainText('Succeeded')
  // One of them stops in order; the other goes on.
  expect(await office.portal.stop()).toBe(0)
  await page.goto(`${second.localUrl}${paths.runtime('desk', 'desk-plant')}`)
  await expect(page.getByRole('link', { name: 'desk-a' })).toBeVisible()
})

const behindProxy = () => ({ SALLYPORT_PORT: '0', SALLYPORT_BEHIND_PROXY: 'true' })

test('SIGTERM drains: held polls are answered, requests under way finish, exit code 0', async () => {
  await using begun = new AsyncDisposableStack()
  const { office, place } = await openDesk(begun, { dataDir: folderOf('drained'), settings: behindProxy })
  const { localUrl } = office.portal
  const node = new TestNode(localUrl)
  const [key] = await revealAuthKeys(office.ctx, { runtimeId: place.runtime.id })
  expect(await node.register({ by: 'authKey', authKey: key?.authKey ?? '' })).toMatchObject({ status: 200 })
  const held = node.poll({ holdMs: 55_000 })
  await expect
    .poll(async () => (await office.db.select().from(nodes).where(eq(nodes.id, node.nodeId)))[0]?.lastPollAt)
    .toBeTruthy()

  // A request whose second half comes only after the signal.
  const { path } = endpoints.heartbeat
  const body = JSON.stringify({ tasks: [] })
  const slow = request(new URL(path, localUrl), {
    method: 'POST',
    headers: { ...node.signedHeaders(path, body), 'content-length': body.length, expect: '100-continue' },
  })
  slow.flushHeaders()
  await once(slow, 'continue')
  slow.write(body.slice(0, 3))
  const stopped = office.portal.stop()
  expect(await held).toMatchObject({ status: 503, body: { error: { code: 'draining' } } })
  slow.end(body.slice(3))
  const [answer] = (await once(slow, 'response')) as [{ statusCode: number; resume(): void }]
  answer.resume()
  expect(answer.statusCode).toBe(200)
  expect(await stopped).toBe(0)
})
