import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eq } from 'drizzle-orm'
import { pipelineRuns } from '@/drizzle/schema/runs'
import { revealAuthKeys } from '@/lib/auth-keys/reveal'
import { database } from '@/lib/db/client'
import { parseEnv } from '@/lib/env'
import { log } from '@/lib/log'
import { portal } from '@/lib/portal'
import { startPipelineRun } from '@/lib/runs/start'
import { type RunningPortal, startPortal } from '@/server/portal'
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

/** Registering 5,000 nodes takes a minute or two on two cores; a fleet that is not there by then never comes. */
const fleetPatienceMs = 15 * 60_000

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
    const bench = { office, running, runs }
    const rows = [await measureDispatch(bench, 1), await measureDispatch(bench, 100)]
    console.log(
      `\nfrom "run" to the node starting\n${tableText(['idle nodes', 'runs', 'p50', 'p99', 'aim'], rows)}`,
    )
    console.log(
      `\nheld polls in one portal process, its nodes all of one runtime\n${tableText(
        ['held polls', 'all there after', 'memory before', 'memory held', 'per poll', 'dispatch p50', 'p99'],
        [await measureHeld(bench, held)],
      )}`,
    )
  } finally {
    await running.stop()
  }
}

type Bench = { office: Office; running: RunningPortal; runs: number }

async function measureDispatch(bench: Bench, nodes: number): Promise<string[]> {
  await using fleet = await startFleet(bench, { name: `dispatch-${nodes}`, nodes })
  const times = await timeDispatches(bench, fleet)
  return [String(nodes), String(times.length), ...quantiles(times), 'p50 ≤ 20 ms, p99 ≤ 100 ms']
}

async function measureHeld(bench: Bench, nodes: number): Promise<string[]> {
  const before = residentAfterGc()
  const begunAt = performance.now()
  await using fleet = await startFleet(bench, { name: 'held-polls', nodes })
  const seconds = (performance.now() - begunAt) / 1000
  await sleep(5000)
  const [held, after] = [bench.running.heldPolls, residentAfterGc()]
  const times = await timeDispatches(bench, fleet)
  return [
    String(held),
    `${seconds.toFixed(0)} s`,
    megabytes(before),
    megabytes(after),
    `${((after - before) / held / 1000).toFixed(0)} kB`,
    ...quantiles(times),
  ]
}

function quantiles(times: number[]): string[] {
  return [0.5, 0.99].map((q) => `${quantile(times, q).toFixed(1)} ms`)
}

/** Without what only waits to be collected, of which a portal under load always has some. */
function residentAfterGc(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage.rss()
}

type Fleet = AsyncDisposable & { process: ChildProcess; place: Workplace }

/** Resolves when the portal holds a poll of every node, but for those that are just between two polls. */
async function startFleet(
  { office, running }: Bench,
  { name, nodes }: { name: string; nodes: number },
): Promise<Fleet> {
  const place = await ensureWorkplace(office, { factory: name, runtime: 'idle' })
  const [first] = await revealAuthKeys(office.ctx, { runtimeId: place.runtime.id })
  const child = fork(resolve('bench/idle-nodes.ts'), [], {
    execArgv: ['--import', './server/cli/typescript.mjs'],
  })
  const ended = once(child, 'exit')
  const order: IdleNodesOrder = {
    portalUrl: running.localUrl,
    portalCertificate: portal().caPem ?? '',
    authKey: first?.authKey ?? '',
    nodes,
    holdMs: 55_000,
  }
  child.send(order)
  for (const deadline = performance.now() + fleetPatienceMs; running.heldPolls < nodes * 0.99;) {
    if (child.exitCode !== null) throw new Error(`The fleet of ${nodes} nodes ended by itself`)
    if (performance.now() > deadline)
      throw new Error(
        `Only ${running.heldPolls} of ${nodes} nodes poll after ${fleetPatienceMs / 60_000} min`,
      )
    await sleep(100)
  }
  await sleep(1000)
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
    // The next measurement begins with none of these polls.
    while (running.heldPolls > 0) await sleep(100)
  }
  return { process: child, place, [Symbol.asyncDispose]: stop }
}

/** One run after the other, each timed from the command to the node's confirmed lease. */
async function timeDispatches({ office, runs }: Bench, fleet: Fleet): Promise<number[]> {
  const pipelineId = await makePipeline(office, fleet.place)
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const started = nextStart(fleet.process)
    const askedAt = performance.timeOrigin + performance.now()
    const { pipelineRunId } = await startPipelineRun(office.ctx, { pipelineId })
    times.push((await started) - askedAt)
    await ended(office, pipelineRunId)
  }
  return times
}

function nextStart(fleet: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const listen = (news: IdleNodesNews) => {
      if (news.kind === 'prepareCopy') end(() => resolve(news.startedAtMs))
    }
    const fail = () => end(() => reject(new Error('The fleet ended by itself')))
    const end = (settle: () => void) => {
      fleet.off('message', listen).off('exit', fail)
      settle()
    }
    fleet.on('message', listen).on('exit', fail)
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
