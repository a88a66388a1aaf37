import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { Client } from 'pg'
import { startPostgres } from '@/lib/db/postgres-server'
import { paths } from '@/lib/paths'
import { tableDataset } from '@/server/demo/definitions'
import { liveLine } from '@/server/demo/progress-bar'
import { followRun } from '@/server/demo/follow-run'
import { ensureDataset, ensurePipeline, ensureWorkplace } from '@/server/stack/authoring'
import { awaitVault, startNode } from '@/server/stack/nodes'
import { openStack, ownerEmail, type Stack } from '@/server/stack/stack'
import { localTls } from '@/server/tls'
import { freePort } from './support/free-port'
import { expect, test } from './support/journey'
import { startRecordingProxy } from './support/recording-proxy'

const passwordCanary = `pass-canary-${randomBytes(8).toString('hex')}`
const wrongPasswordCanary = `wrong-canary-${randomBytes(8).toString('hex')}`
const rowCanary = `row-canary-${randomBytes(8).toString('hex')}`

// A portal of its own: the owner of the other journeys is unknown to it.
test.use({ storageState: { cookies: [], origins: [] } })

/** Promise 2 of the blueprint: what is typed and what is copied never reaches the portal in clear. */
test('typed passwords and copied rows never visit the portal', async ({ page, portal }) => {
  test.setTimeout(300_000)
  await using begun = new AsyncDisposableStack()
  const dataDir = join(portal.folder, 'secrets')
  const store = await startPostgres({ dataDir: join(dataDir, 'store') })
  begun.defer(() => store.stop())
  const storeUrl = await makeStore(store.url)

  const port = await freePort()
  // The portal speaks plain HTTP behind a proxy of ours, which sees all that browser and nodes send it.
  const stack = await openStack({
    dataDir,
    port,
    settings: { SALLYPORT_PORT: '0', SALLYPORT_BEHIND_PROXY: 'true', SALLYPORT_LOG_LEVEL: 'debug' },
  })
  begun.defer(() => stack.close())
  const tls = await localTls(join(dataDir, 'portal/tls'), ['localhost'])
  const proxy = await startRecordingProxy({
    cert: tls.cert,
    key: tls.key,
    port,
    portalPort: () => Number(new URL(stack.portal.localUrl).port),
  })
  begun.defer(() => proxy.close())

  const place = await ensureWorkplace(stack, { factory: 'canary', runtime: 'mine' })
  const node = await startNode(stack, place, {
    name: 'mine-a',
    by: 'link',
    slots: 2,
    allowFolders: [],
    dataDir: join(dataDir, 'nodes'),
  })
  begun.defer(() => node.stop())
  await awaitVault(stack, place, 1)

  await signIn(page, stack)
  await createStore(page, stack, { name: 'customers-db', url: storeUrl, password: passwordCanary })
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText(/PostgreSQL 18/).first()).toBeVisible({ timeout: 60_000 })

  await page.goto(`${stack.portal.publicUrl}${paths.linkedService('canary', 'customers-db', 'browse')}`)
  await page.getByRole('button', { name: /schema public/ }).click()
  await page.getByRole('button', { name: /table customers/ }).click()
  await expect(page.getByText(rowCanary)).toBeVisible({ timeout: 60_000 })

  await createStore(page, stack, { name: 'wrong-db', url: storeUrl, password: wrongPasswordCanary })
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText(/user name and the password/).first()).toBeVisible({ timeout: 60_000 })
  expect(await page.content()).not.toContain(wrongPasswordCanary)

  const result = await copyCustomers(stack, place)
  expect(result.problem).toBeNull()
  expect(await countCopies(store.url)).toBe(1)

  const evidence = {
    'the database of the portal': await dump(stack),
    'the log of the portal': await readFile(join(dataDir, 'portal.log'), 'utf8'),
    'the log of the node': await readFile(join(dataDir, 'nodes/mine-a/agent.log'), 'utf8'),
    'what the portal received': Buffer.concat(proxy.received).toString('latin1'),
  }
  for (const [where, text] of Object.entries(evidence)) {
    expect(text.length, `${where} is not empty`).toBeGreaterThan(200)
    for (const canary of [passwordCanary, wrongPasswordCanary, rowCanary])
      for (const form of formsOf(canary)) expect(text.includes(form), `${form} in ${where}`).toBe(false)
  }
  // The same search does find what is really there.
  expect(evidence['the database of the portal']).toContain('customers-db')
  expect(evidence['what the portal received']).toContain('customers-db')
})

/** A login whose password is the canary, and a table whose one row is another. */
async function makeStore(url: string): Promise<URL> {
  await withClient(url, async (client) => {
    await client.query(`create role keeper login password '${passwordCanary}'`)
    await client.query('grant create on schema public to keeper')
    await client.query('create table public.customers (id integer primary key, name text not null)')
    await client.query('alter table public.customers owner to keeper')
    await client.query('insert into public.customers values (1, $1)', [rowCanary])
  })
  const storeUrl = new URL(url)
  storeUrl.username = 'keeper'
  return storeUrl
}

async function signIn(page: Page, { portal, ownerPassword }: Stack): Promise<void> {
  await page.goto(`${portal.publicUrl}${paths.linkedServices('canary')}`)
  await page.getByLabel('E-mail address').fill(ownerEmail)
  await page.getByLabel('Password', { exact: true }).fill(ownerPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Linked services' })).toBeVisible()
}

async function createStore(
  page: Page,
  { portal }: Stack,
  store: { name: string; url: URL; password: string },
): Promise<void> {
  await page.goto(`${portal.publicUrl}${paths.linkedServices('canary')}`)
  await page.getByRole('button', { name: 'Create linked service' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name', { exact: true }).fill(store.name)
  await form.getByRole('textbox', { name: 'Host' }).fill(store.url.hostname)
  await form.getByLabel('Port').fill(store.url.port)
  await form.getByRole('textbox', { name: 'Database' }).fill(store.url.pathname.slice(1))
  await form.getByRole('textbox', { name: 'User name' }).fill(store.url.username)
  await form.getByLabel('Encryption').selectOption('disable')
  await form.getByLabel('Password', { exact: true }).fill(store.password)
  await form.getByRole('button', { name: 'Create linked service' }).click()
  await expect(page.getByRole('heading', { level: 1, name: store.name })).toBeVisible()
}

async function copyCustomers(stack: Stack, place: Parameters<typeof ensureDataset>[1]) {
  await ensureDataset(stack, place, {
    name: 'customers',
    definition: tableDataset('customers-db', 'customers'),
  })
  await ensureDataset(stack, place, {
    name: 'customers-copy',
    definition: tableDataset('customers-db', 'customers_copy'),
  })
  const id = await ensurePipeline(stack, place, {
    name: 'copy-customers',
    definition: {
      activities: [
        {
          name: 'copy',
          type: 'Copy',
          inputs: [datasetNamed('customers')],
          outputs: [datasetNamed('customers-copy')],
          typeProperties: {
            source: { type: 'PostgreSqlV2Source' },
            sink: { type: 'PostgreSqlV2Sink', writeBehavior: 'insert', tableOption: 'autoCreate' },
            verification: 'content',
          },
        },
      ],
    },
  })
  return followRun(stack, { id, label: 'customers' }, liveLine(process.stderr))
}

async function countCopies(url: string): Promise<number> {
  let count = 0
  await withClient(url, async (client) => {
    const { rows } = await client.query(
      'select count(*)::integer as count from public.customers_copy where name = $1',
      [rowCanary],
    )
    count = Number(rows[0]?.count)
  })
  return count
}

/** Every row of every table, as text: what a dump of the database would hold. */
async function dump({ portal }: Stack): Promise<string> {
  const parts: string[] = []
  await withClient(portal.databaseUrl, async (client) => {
    const tables = await client.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    )
    for (const { name } of tables.rows as { name: string }[]) {
      const { rows } = await client.query(`select t::text as line from ${name} t`)
      parts.push(name, ...(rows as { line: string }[]).map(({ line }) => line))
    }
  })
  return parts.join('\n')
}

async function withClient(connectionString: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}

/** In clear, in base64 at each of its three alignments, and in hex. */
function formsOf(canary: string): string[] {
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + canary)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  )
  return [canary, ...inBase64, Buffer.from(canary).toString('hex')]
}

function datasetNamed(referenceName: string) {
  return { referenceName, type: 'DatasetReference' } as const
}
