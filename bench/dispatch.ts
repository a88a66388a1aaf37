import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { pipelineRuns } from '@/drizzle/schema/runs'
import { revealAuthKeys } from '@/lib/auth-keys/reveal'
import { database } from '@/lib/db/client'
import { parseEnv } from '@/lib/env'
import { log } from '@/lib/log'
import { portal } from '@/lib/portal'
import { startPipelineRun } from '@/lib/runs/start'
import { startPortal } from '@/server/portal'
import {
  ensureDataset,
  ensureLinkedService,
  ensurePipeline,
  ensureWorkplace,
  type Workplace,
} from '@/server/stack/authoring'
import { tableText } from '@/server/stack/report-table'
import { actAsOwner, type Office } from '@/server/stack/stack'
import type { IdleNodesNews, IdleNodesOrder } from './idle-nodes'
import { quantile } from './quantile'

export type DispatchBenchOptions = { dataDir: string; held: number; runs: number }

/** From "run" to the node starting, with 1 and 100 idle nodes; then how many held polls one portal process carries. */
export async function benchDispatch({ dataDir, held, runs }: DispatchBenchOptions): Promise<void> {
  await rm(dataDir, { recursive: true, force: true })
  await mkdir(dataDir, { recursive: true })
  log.level = 'error'
  // The portal runs in this process, so that "run" is the very call that the page's action makes.
  const running = await startPortal(
    parseEnv({
      SALLYPORT_DATA_DIR: join(dataDir, 'portal'),
      SALLYPORT_PORT: '0',
      SALLYPORT_ADDRESS: '127.0.0.1',
    }),
    { dev: false },
  )
  try {
    const office = await actAsOwner(database(), { dataDir, setupCode: running.setupCode })
    const rows: string[][] = []
    for (const nodes of [1, 100])
      rows.push(await measureDispatch(office, { url: running.localUrl, nodes, runs }))
    console.log(
      `\nfrom "run" to the node starting\n${tableText(['idle nodes', 'runs', 'p50', 'p99', 'aim'], rows)}`,
    )
    const row = await measureHeld(office, { url: running.localUrl, nodes: held })
    console.log(
      `\nheld polls in one portal process\n${tableText(['held polls', 'memory before', 'memory held', 'per poll', 'dispatch p50 meanwhile'], [row])}`,
    )
  } finally {
    await running.stop()
  }
}

type Fleet = { url: string; nodes: number; runs: number }

async function measureDispatch(office: Office, { url, nodes, runs }: Fleet): Promise<string[]> {
  const place = await ensureWorkplace(office, { factory: `dispatch-${nodes}`, runtime: 'idle' })
  const fleet = await startFleet(office, place, { url, nodes, holdMs: 55_000 })
  try {
    const times = await timeDispatches(office, place, { fleet, runs })
    const milliseconds = (q: number) => `${quantile(times, q).toFixed(1)} ms`
    return [String(nodes), String(runs), milliseconds(0.5), milliseconds(0.99), 'p50 ≤ 20 ms, p99 ≤ 100 ms']
  } finally {
    fleet.kill('SIGKILL')
  }
}

async function measureHeld(office: Office, { url, nodes }: Omit<Fleet, 'runs'>): Promise<string[]> {
  const place = await ensureWorkplace(office, { factory: 'held-polls', runtime: 'idle' })
  const before = process.memoryUsage.rss()
  const fleet = await startFleet(office, place, { url, nodes, holdMs: 55_000 })
  try {
    await sleep(5000)
    const after = process.memoryUsage.rss()
    const times = await timeDispatches(office, place, { fleet, runs: 20 })
    return [
      String(nodes),
      megabytes(before),
      megabytes(after),
      `${Math.round((after - before) / nodes / 1000)} kB`,
      `${quantile(times, 0.5).toFixed(1)} ms`,
    ]
  } finally {
    fleet.kill('SIGKILL')
  }
}

/** Resolves when every node of the fleet has a poll under way. */
async function startFleet(
  office: Office,
  place: Workplace,
  { url, nodes, holdMs }: { url: string; nodes: number; holdMs: number },
): Promise<ChildProcess> {
  const [first] = await revealAuthKeys(office.ctx, { runtimeId: place.runtime.id })
  const fleet = fork(resolve('bench/idle-nodes.ts'), [], {
    execArgv: ['--import', './server/cli/typescript.mjs'],
  })
  const order: IdleNodesOrder = {
    portalUrl: url,
    portalCertificate: portal().caPem ?? '',
    authKey: first?.authKey ?? '',
    nodes,
    holdMs,
  }
  fleet.send(order)
  for (;;) {
    const [news] = (await once(fleet, 'message')) as [IdleNodesNews]
    if (news.type === 'polling' && news.nodes === nodes) break
  }
  await sleep(1000)
  return fleet
}

/** One run after the other, each timed from the command to the node's confirmed lease. */
async function timeDispatches(
  office: Office,
  place: Workplace,
  { fleet, runs }: { fleet: ChildProcess; runs: number },
): Promise<number[]> {
  const pipelineId = await makePipeline(office, place)
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const started = nextStart(fleet)
    const askedAt = performance.timeOrigin + performance.now()
    const { pipelineRunId } = await startPipelineRun(office.ctx, { pipelineId })
    times.push((await started) - askedAt)
    await ended(office, pipelineRunId)
  }
  return times
}

function nextStart(fleet: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    const listen = (news: IdleNodesNews) => {
      if (news.type !== 'started' || news.kind !== 'prepareCopy') return
      fleet.off('message', listen)
      resolve(news.startedAtMs)
    }
    fleet.on('message', listen)
  })
}

async function ended({ db }: Office, pipelineRunId: string): Promise<void> {
  for (;;) {
    const [run] = await db
      .select({ endedAt: pipelineRuns.endedAt })
      .from(pipelineRuns)
      .where(eq(pipelineRuns.id, pipelineRunId))
    if (run?.endedAt) return
    await sleep(5)
  }
}

async function makePipeline(office: Office, place: Workplace): Promise<string> {
  const connectVia = { referenceName: place.runtime.name, type: 'IntegrationRuntimeReference' } as const
  const definition = { type: 'FileServer', connectVia, typeProperties: { host: '/nowhere' } } as const
  await ensureLinkedService(office, place, { name: 'folder', definition, secret: null })
  const linkedServiceName = { referenceName: 'folder', type: 'LinkedServiceReference' } as const
  for (const name of ['files-in', 'files-out']) {
    const location = { type: 'FileServerLocation', folderPath: name } as const
    await ensureDataset(office, place, {
      name,
      definition: { type: 'Binary', linkedServiceName, typeProperties: { location } },
    })
  }
  const source = {
    type: 'BinarySource',
    storeSettings: { type: 'FileServerReadSettings', recursive: true },
  } as const
  const sink = {
    type: 'BinarySink',
    storeSettings: { type: 'FileServerWriteSettings', writeBehavior: 'overwrite' },
  } as const
  return ensurePipeline(office, place, {
    name: 'dispatch',
    definition: {
      activities: [
        {
          name: 'copy',
          type: 'Copy',
          inputs: [datasetNamed('files-in')],
          outputs: [datasetNamed('files-out')],
          typeProperties: { source, sink, verification: 'stream' },
        },
      ],
    },
  })
}

function datasetNamed(referenceName: string) {
  return { referenceName, type: 'DatasetReference' } as const
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
