import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { startPostgres } from '@/lib/db/postgres-server'
import { startPipelineRun } from '@/lib/runs/start'
import { copyPipeline, privateStore, tableDataset } from '@/server/demo/definitions'
import {
  ensureDataset,
  ensureLinkedService,
  ensurePipeline,
  ensureWorkplace,
  type Workplace,
} from '@/server/stack/authoring'
import { awaitVault, startNode } from '@/server/stack/nodes'
import { openStack, type Stack } from '@/server/stack/stack'
import { fill, keepFilledNodesOnline } from './fill'

/** A portal with two real nodes and one real run of a million cells, among many that were written into its database. */
export type PagesWorkplace = {
  stack: Stack
  place: Workplace
  runId: string
  nodeId: string
  close(): Promise<void>
}

const storeRows = 100_000

export async function openPagesWorkplace(dataDir: string): Promise<PagesWorkplace> {
  await using begun = new AsyncDisposableStack()
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const store = await startPostgres({ dataDir: join(dataDir, 'store'), port: 8645 })
  begun.defer(() => store.stop())
  const stack = await openStack({ dataDir, port: 8644 })
  begun.defer(() => stack.close())
  const place = await ensureWorkplace(stack, { factory: 'harbour', runtime: 'quay' })
  for (const [index, name] of ['quay-a', 'quay-b'].entries()) {
    const nodes = { slots: 4, allowFolders: [], dataDir: join(dataDir, 'nodes') }
    const node = await startNode(stack, place, { ...nodes, name, by: index === 0 ? 'link' : 'key' })
    begun.defer(() => node.stop())
    await awaitVault(stack, place, index + 1)
  }
  await makeTable(store.url)
  const runId = await ensureRun(stack, place, new URL(store.url))
  await fill(stack, place, runId)
  begun.defer(keepFilledNodesOnline(stack.db.$client))
  const { rows } = await stack.db.$client.query<{ id: string }>("select id from nodes where name = 'quay-a'")
  const running = begun.move()
  return { stack, place, runId, nodeId: rows[0]?.id ?? '', close: () => running.disposeAsync() }
}

async function makeTable(url: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  await client.query(
    `create table if not exists orders as select g as id, 'order ' || g as label, g * 1.37 as total, now() as placed_at,
       g % 7 as line, 'customer ' || g % 999 as customer, g % 2 = 0 as paid, current_date as due, md5(g::text) as digest,
       g / 3.0 as weight from generate_series(1, ${storeRows}) g`,
  )
  await client.end()
}

/** The real copy: what its page shows came from nodes. */
async function ensureRun(stack: Stack, place: Workplace, url: URL): Promise<string> {
  await ensureLinkedService(stack, place, {
    name: 'warehouse',
    definition: privateStore(url, place.runtime.name),
    secret: { kind: 'password', password: decodeURIComponent(url.password) },
  })
  for (const name of ['orders', 'orders-copy'])
    await ensureDataset(stack, place, {
      name,
      definition: tableDataset('warehouse', name.replace('-', '_')),
    })
  const pipelineId = await ensurePipeline(stack, place, {
    name: 'orders-nightly',
    definition: copyPipeline('Orders as another table', {
      name: 'copy-orders',
      input: 'orders',
      output: 'orders-copy',
      source: { type: 'PostgreSqlV2Source' },
      sink: { type: 'PostgreSqlV2Sink', writeBehavior: 'overwrite', tableOption: 'autoCreate' },
    }),
  })
  const kept = await succeededRun(stack, pipelineId)
  if (kept) return kept
  const { pipelineRunId } = await startPipelineRun(stack.ctx, { pipelineId })
  for (;;) {
    const { rows } = await stack.db.$client.query<{ status: string; ended: boolean }>(
      'select status, ended_at is not null as ended from pipeline_runs where id = $1',
      [pipelineRunId],
    )
    if (rows[0]?.status === 'Succeeded') return pipelineRunId
    if (rows[0]?.ended) throw new Error(`The copy that the pages show ended as ${rows[0].status}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The first one was really run; the others are its copies, further back in time. */
async function succeededRun({ db }: Stack, pipelineId: string): Promise<string | undefined> {
  const { rows } = await db.$client.query<{ id: string }>(
    `select id from pipeline_runs where pipeline_id = $1 and status = 'Succeeded' order by queued_at desc limit 1`,
    [pipelineId],
  )
  return rows[0]?.id
}
