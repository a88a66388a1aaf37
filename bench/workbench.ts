import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { pipelines } from '@/drizzle/schema/authoring'
import { pipelineRuns } from '@/drizzle/schema/runs'
import { database } from '@/lib/db/client'
import { type PostgresServer, startPostgres } from '@/lib/db/postgres-server'
import { parseEnv } from '@/lib/env'
import { log } from '@/lib/log'
import { portal } from '@/lib/portal'
import type { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import { savePipeline } from '@/lib/pipelines/save'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import { endedRunStatuses } from '@/lib/runs/schemas'
import { startPipelineRun } from '@/lib/runs/start'
import { privateStore } from '@/server/demo/definitions'
import { ensureLinkedService, ensureWorkplace, type Workplace } from '@/server/stack/authoring'
import type { NodeProcess } from '@/server/stack/node-process'
import { awaitVault, type NodeDraft, startNode } from '@/server/stack/nodes'
import { startPortal } from '@/server/portal'
import { actAsOwner, type Home } from '@/server/stack/stack'
import { setTimeout as sleep } from 'node:timers/promises'

/** The product as a user has it (portal, one node, two PostgreSQL servers), with a folder for files. */
export type Workbench = {
  stack: Home
  place: Workplace
  node: NodeProcess
  source: PostgresServer
  sink: PostgresServer
  folder: string
  close(): Promise<void>
}

/** Store servers as an admin would set them for bulk work on a small machine; the same for the product and its peers. */
const serverSettings = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '30min' }

export async function openWorkbench(dataDir: string): Promise<Workbench> {
  await using begun = new AsyncDisposableStack()
  const folder = join(dataDir, 'files')
  await mkdir(folder, { recursive: true })
  const source = await startPostgres({ dataDir: join(dataDir, 'source'), settings: serverSettings })
  begun.defer(() => source.stop())
  const sink = await startPostgres({ dataDir: join(dataDir, 'sink'), settings: serverSettings })
  begun.defer(() => sink.stop())
  const { home: stack, stop } = await openHome(dataDir)
  begun.defer(stop)
  const place = await ensureWorkplace(stack, { factory: 'bench', runtime: 'bench' })
  const draft: NodeDraft = {
    name: 'bench-a',
    by: 'link',
    slots: Math.min(8, Math.max(2, availableParallelism())), // as an agent takes by itself
    allowFolders: [folder],
    dataDir: join(dataDir, 'nodes'),
  }
  const node = await startNode(stack, place, draft)
  begun.defer(() => node.stop())
  await awaitVault(stack, place, 1)
  await addStores({ stack, place }, { source, sink, folder })
  const running = begun.move()
  return { stack, place, node, source, sink, folder, close: () => running.disposeAsync() }
}

/** The portal in this process, so that "run" is the very call that a page's action makes. */
async function openHome(dataDir: string): Promise<{ home: Home; stop: () => Promise<void> }> {
  log.level = 'error'
  const settings = {
    SALLYPORT_DATA_DIR: join(dataDir, 'portal'),
    SALLYPORT_PORT: '8643',
    SALLYPORT_ADDRESS: '127.0.0.1',
    SALLYPORT_PUBLIC_URL: 'https://localhost:8643',
  }
  const running = await startPortal(parseEnv(settings), { dev: false })
  const office = await actAsOwner(database(), { dataDir, setupCode: running.setupCode })
  const { publicUrl, fingerprint } = portal()
  return {
    home: { ...office, portal: { publicUrl }, fingerprint: fingerprint ?? '' },
    stop: () => running.stop(),
  }
}

type Stores = Pick<Workbench, 'source' | 'sink' | 'folder'>

async function addStores(
  { stack, place }: Pick<Workbench, 'stack' | 'place'>,
  stores: Stores,
): Promise<void> {
  for (const name of ['source', 'sink'] as const) {
    const url = new URL(stores[name].url)
    const secret = { kind: 'password', password: decodeURIComponent(url.password) } as const
    await ensureLinkedService(stack, place, {
      name,
      definition: privateStore(url, place.runtime.name),
      secret,
    })
  }
  const files: LinkedServiceDefinition = {
    type: 'FileServer',
    connectVia: { referenceName: place.runtime.name, type: 'IntegrationRuntimeReference' },
    typeProperties: { host: stores.folder },
  }
  await ensureLinkedService(stack, place, { name: 'files', definition: files, secret: null })
}

/** Runs a definition through the portal; the seconds from the command to the run's end. */
export async function timeRun(
  { stack, place }: Workbench,
  name: string,
  definition: PipelineDefinition,
): Promise<number> {
  const [kept] = await stack.db.select().from(pipelines).where(eq(pipelines.name, name))
  if (!kept) await savePipeline(stack.ctx, { factoryId: place.factory.id, name, definition })
  const [saved] = await stack.db.select().from(pipelines).where(eq(pipelines.name, name))
  if (!saved) throw new Error(`Pipeline ${name} was not saved`)
  const { pipelineRunId } = await startPipelineRun(stack.ctx, { pipelineId: saved.id })
  for (;;) {
    const [run] = await stack.db.select().from(pipelineRuns).where(eq(pipelineRuns.id, pipelineRunId))
    if (run?.endedAt && endedRunStatuses.some((status) => status === run.status)) {
      if (run.status !== 'Succeeded') throw new Error(`Run of ${name} ended as ${run.status}: ${run.message}`)
      return (run.endedAt.getTime() - run.queuedAt.getTime()) / 1000
    }
    await sleep(250) // the run's own times count; looking costs time of the copy
  }
}
