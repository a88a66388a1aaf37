import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import type {
  CopyPlan,
  CopyProgress,
  CopyReceipt,
  CopySink,
  CopySource,
  CopySpec,
  PartResult,
} from '../../lib/protocol/copy-plan.ts'
import type { StoreAddress, StoreRef, StoreSecret } from '../../lib/protocol/stores.ts'
import { readStaged } from '../copy/files/read-staged.ts'
import type { CleanUpResult } from '../../lib/protocol/task.ts'
import { runTask } from '../copy/run-task.ts'
import { SnapshotHolder } from '../copy/snapshot-holder.ts'
import type { TaskContext } from '../copy/task-context.ts'

/** A database of its own on the test server. */
export type TestDatabase = { client: Client; store: StoreRef; url: string; drop(): Promise<void> }

let databases = 0

/** `options`: of CREATE DATABASE. */
export async function createTestDatabase(serverUrl: string, options = ''): Promise<TestDatabase> {
  databases += 1
  const name = `copy_${process.pid}_${databases}_${randomUUID().slice(0, 8)}`
  const admin = new Client(serverUrl)
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name} ${options}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const client = new Client(url.href)
  await client.connect()
  return {
    client,
    url: url.href,
    store: postgresStore(url),
    async drop() {
      await client.end()
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}

/** A linked service for a connection string; the password stays behind in `passwords`, as it would in a vault. */
export function postgresStore(url: URL, login?: { username: string; password: string }): StoreRef {
  const address: StoreAddress = {
    type: 'PostgreSql',
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    username: login?.username ?? decodeURIComponent(url.username),
    sslMode: 'disable',
  }
  const store = storeRef(address)
  passwords.set(store.linkedServiceId, login?.password ?? decodeURIComponent(url.password))
  return store
}

export function storeRef(address: StoreAddress): StoreRef {
  return {
    linkedServiceId: randomUUID(),
    linkedServiceName: `${address.type} store`,
    runtimeId: randomUUID(),
    address,
    credentialVersion: 1,
  }
}

const passwords = new Map<string, string>()

export type TestContext = TaskContext & {
  holder: SnapshotHolder
  lines: string[]
  seen: CopyProgress[]
  allowedFolders: string[]
}

async function secretFor(store: StoreRef): Promise<StoreSecret | null> {
  const password = passwords.get(store.linkedServiceId)
  return password === undefined ? null : { kind: 'password', password }
}

export function testContext(overrides: Partial<TaskContext> = {}): TestContext {
  const holder = new SnapshotHolder()
  const lines: string[] = []
  const seen: CopyProgress[] = []
  const ctx: TestContext = {
    holder,
    lines,
    seen,
    secretFor,
    allowedFolders: [],
    allowedHosts: [],
    progress: (progress) => void seen.push(progress),
    committing: async () => {},
    canCommit: () => true,
    holdSnapshot: async ({ store, heaps }) => {
      if (store.address.type !== 'PostgreSql') throw new Error('no snapshots here')
      const login = { address: store.address, secret: await secretFor(store), allowedHosts: [] }
      return holder.open(login, heaps)
    },
    log: (level, message) => void lines.push(`${level}: ${message}`),
    readElsewhere: async (reading) => ({ found: await readStaged(reading, ctx) }),
    signal: new AbortController().signal,
    ...overrides,
  } as TestContext
  return ctx
}

let epochs = Date.now()
export function nextEpoch(): number {
  epochs += 1
  return epochs
}

export function copySpec(
  ends: { source: CopySource; sink: CopySink },
  rest: Partial<Pick<CopySpec, 'mapping' | 'options'>> = {},
): CopySpec {
  return {
    pipelineRunId: randomUUID(),
    activityRunId: randomUUID(),
    activityName: 'Copy',
    options: { verification: 'content' },
    ...ends,
    ...rest,
  }
}

export async function prepare(copy: CopySpec, ctx: TaskContext, epoch = nextEpoch()): Promise<CopyPlan> {
  const task = { taskId: randomUUID(), epoch, attempt: 1, spec: { kind: 'prepareCopy', copy } } as const
  const answer = await runTask(task, ctx)
  if (answer.kind !== 'prepareCopy') throw new Error('not a plan')
  return answer.result
}

export type PartOf = { copy: CopySpec; plan: CopyPlan; index: number; epoch?: number }

export async function runPart(
  { copy, plan, index, epoch = nextEpoch() }: PartOf,
  ctx: TaskContext,
): Promise<PartResult> {
  const { parts, ...rest } = plan
  const part = parts[index]
  if (!part) throw new Error('no such part')
  const spec = { kind: 'copyPart', copy, plan: rest, part } as const
  const answer = await runTask({ taskId: randomUUID(), epoch, attempt: 1, spec }, ctx)
  if (answer.kind !== 'copyPart') throw new Error('not a part')
  return answer.result
}

export type Results = { index: number; epoch: number; result: PartResult }[]

export async function runParts(copy: CopySpec, plan: CopyPlan, ctx: TaskContext): Promise<Results> {
  return Promise.all(
    plan.parts.map(async ({ index }) => {
      const epoch = nextEpoch()
      return { index, epoch, result: await runPart({ copy, plan, index, epoch }, ctx) }
    }),
  )
}

export async function publish(
  {
    copy,
    plan,
    results,
    epoch = nextEpoch(),
  }: { copy: CopySpec; plan: CopyPlan; results: Results; epoch?: number },
  ctx: TaskContext,
): Promise<CopyReceipt> {
  const spec = { kind: 'publishCopy', copy, plan, results } as const
  const answer = await runTask({ taskId: randomUUID(), epoch, attempt: 1, spec }, ctx)
  if (answer.kind !== 'publishCopy') throw new Error('not a receipt')
  return answer.result
}

export async function cleanUp(
  copy: CopySpec,
  plan: CopyPlan | undefined,
  ctx: TaskContext,
): Promise<string[]> {
  return (await endCleanUp(copy, plan, ctx)).removed
}

export async function endCleanUp(
  copy: CopySpec,
  plan: CopyPlan | undefined,
  ctx: TaskContext,
): Promise<CleanUpResult> {
  const spec = { kind: 'cleanUpCopy', copy, plan } as const
  const answer = await runTask({ taskId: randomUUID(), epoch: nextEpoch(), attempt: 1, spec }, ctx)
  if (answer.kind !== 'cleanUpCopy') throw new Error('not a clean-up')
  return answer.result
}

/** A whole copy as the portal would drive it: JSON between the steps, as on the wire. */
export async function runCopy(
  copy: CopySpec,
  ctx: TestContext = testContext(),
): Promise<{ receipt: CopyReceipt; plan: CopyPlan; results: Results }> {
  try {
    const plan: CopyPlan = JSON.parse(JSON.stringify(await prepare(copy, ctx)))
    const results: Results = JSON.parse(JSON.stringify(await runParts(copy, plan, ctx)))
    return { plan, results, receipt: await publish({ copy, plan, results }, ctx) }
  } finally {
    await ctx.holder.releaseAll()
  }
}
