import { eq } from 'drizzle-orm'
import { activityRuns, pipelineRuns, tasks } from '@/drizzle/schema/runs'
import { nodeCredentials } from '@/drizzle/schema/vault'
import type { Db } from '@/lib/db/client'
import {
  aDataset,
  aFactory,
  aLinkedService,
  aNode,
  aPipeline,
  aRuntime,
  aTenant,
  aUser,
  first,
} from '@/lib/db/test-fixtures'
import type { CopyPlan, CopyReceipt, PartResult } from '@/lib/protocol/copy-plan'
import type { Failure } from '@/lib/protocol/failure'
import type { LeasedTask, TaskOutcome, TaskResult } from '@/lib/protocol/task'
import { claimTasks } from '@/lib/tasks/claim'
import { completeTask } from '@/lib/tasks/complete'
import { renewLeases } from '@/lib/tasks/renew'

export type CopyWorld = Awaited<ReturnType<typeof aCopyWorld>>

/** A factory with a pipeline that copies one table to another, and two nodes that have opened both credentials. */
export async function aCopyWorld(db: Db) {
  const tenantId = await aTenant(db)
  const factory = await aFactory(db, tenantId)
  const runtime = await aRuntime(db, factory)
  const source = await aLinkedService(db, runtime, { name: 'orders-db' })
  const sink = await aLinkedService(db, runtime, { name: 'lake-db' })
  const from = await aDataset(db, source, { name: 'orders' })
  const to = await aDataset(db, sink, { name: 'orders-copy' })
  const pipeline = await aPipeline(db, { source: from, sink: to }, { name: 'nightly' })
  const nodes = [await aNode(db, runtime), await aNode(db, runtime)]
  for (const node of nodes)
    for (const { id } of [source, sink])
      await db
        .insert(nodeCredentials)
        .values({ nodeId: node.id, linkedServiceId: id, version: 1, openedAt: new Date() })
  const person = async (role: 'Owner' | 'Operator' | 'Reader') => ({
    actor: await aUser(db, tenantId, role),
    db,
  })
  return {
    db,
    tenantId,
    factory,
    runtime,
    source,
    sink,
    from,
    to,
    pipeline,
    nodes,
    owner: await person('Owner'),
    operator: await person('Operator'),
    reader: await person('Reader'),
    stranger: { actor: await aUser(db, await aTenant(db), 'Owner'), db },
  }
}

export const aPlan = (parts: number, change: Partial<CopyPlan> = {}): CopyPlan => ({
  guarantee: 'exactly-once',
  guaranteeReason: 'ledger',
  verification: 'stream',
  canonicalForm: 'pg-binary',
  columns: [{ source: { name: 'id', type: 'bigint' }, sink: { name: 'id', type: 'bigint' } }],
  parts: Array.from({ length: parts }, (_, index) => ({
    index,
    label: `blocks ${index * 100}–${index * 100 + 99}`,
    estimatedRows: '1000',
    estimatedBytes: '100000',
    engine: { from: index * 100 },
  })),
  maxParallelParts: 16,
  engine: { staging: '_sallyport_1' },
  warnings: [],
  ...change,
})

export const aPartResult = (change: Partial<PartResult> = {}): PartResult => ({
  rowsRead: '1000',
  rowsWritten: '1000',
  bytesRead: '99000',
  bytesWritten: '99000',
  readDigest: 'ab',
  writtenDigest: 'ab',
  rowsResumed: '0',
  snapshot: 'shared',
  durationMs: 10,
  engine: {},
  ...change,
})

export const aReceipt = (change: Partial<CopyReceipt> = {}): CopyReceipt => ({
  rowsRead: '3000',
  rowsWritten: '3000',
  bytesRead: '297000',
  bytesWritten: '297000',
  sourceDigest: 'abcd',
  sinkDigest: 'abcd',
  guarantee: 'exactly-once',
  guaranteeReason: 'ledger',
  verification: 'stream',
  checks: ['3,000 rows read and written'],
  canonicalForm: 'pg-binary',
  snapshot: 'single',
  versions: [{ role: 'agent', version: '0.1.0' }],
  filesWritten: [],
  ...change,
})

/** Plays a node through the channel's own functions: claims what it may, starts it, and answers as it is told. */
export class PlayedNode {
  readonly #db: Db
  readonly #node: { id: string; name: string; runtimeId: string }
  #held: LeasedTask[] = []

  constructor(db: Db, node: { id: string; name: string; runtimeId: string } | undefined) {
    if (!node) throw new Error('There is no such node')
    this.#db = db
    this.#node = node
  }

  /** What it has now, in the order of the queue. */
  get held(): readonly LeasedTask[] {
    return this.#held
  }

  /** One task after the other, so that how the queue shares them out does not matter. */
  async take(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await this.claim(1)
  }

  async claim(freeSlots = 8): Promise<LeasedTask[]> {
    const claimed = await claimTasks(this.#db, {
      nodeId: this.#node.id,
      runtimeId: this.#node.runtimeId,
      freeSlots,
      freeInteractive: 0,
    })
    await renewLeases(this.#db, this.#node.id, {
      tasks: claimed.map(({ taskId, epoch }) => ({ taskId, epoch, committing: false, log: [] })),
    })
    this.#held.push(...claimed)
    return claimed
  }

  async succeed(result: TaskResult): Promise<void> {
    await this.#end(result.kind, { status: 'succeeded', output: result })
  }

  async fail(kind: TaskResult['kind'], failure: Partial<Failure> = {}): Promise<void> {
    const told = { code: 'internal' as const, message: 'Something broke', retryable: false, ...failure }
    await this.#end(kind, { status: 'failed', failure: told })
  }

  async stop(kind: TaskResult['kind']): Promise<void> {
    await this.#end(kind, { status: 'cancelled' })
  }

  async #end(kind: TaskResult['kind'], outcome: TaskOutcome): Promise<void> {
    const index = this.#held.findIndex(({ spec }) => spec.kind === kind)
    const [task] = this.#held.splice(index, 1)
    if (index < 0 || !task) throw new Error(`The node holds no ${kind}`)
    const { taskId, epoch } = task
    await completeTask(
      this.#db,
      { nodeId: this.#node.id, name: this.#node.name },
      { taskId, epoch, outcome, final: { log: [] } },
    )
  }

  /** Claims and does everything until nothing is left: a copy of so many parts. */
  async doAll(parts: number): Promise<void> {
    while ((await this.claim()).length > 0) {
      while (this.#held.length > 0) await this.succeed(answerTo(this.#held[0], parts))
    }
  }
}

function answerTo(task: LeasedTask | undefined, parts: number): TaskResult {
  if (task?.spec.kind === 'prepareCopy') return { kind: 'prepareCopy', result: aPlan(parts) }
  if (task?.spec.kind === 'copyPart') return { kind: 'copyPart', result: aPartResult() }
  if (task?.spec.kind === 'publishCopy') return { kind: 'publishCopy', result: aReceipt() }
  return { kind: 'cleanUpCopy', result: { removed: [] } }
}

/** The run with its one activity and the states of its tasks, as far as tests look at them. */
export async function lookAt(db: Db, pipelineRunId: string) {
  const run = first(await db.select().from(pipelineRuns).where(eq(pipelineRuns.id, pipelineRunId)))
  const activity = first(
    await db.select().from(activityRuns).where(eq(activityRuns.pipelineRunId, pipelineRunId)),
  )
  const rows = await db.select().from(tasks).where(eq(tasks.activityRunId, activity.id)).orderBy(tasks.id)
  return {
    run: run.status,
    status: activity.status,
    phase: activity.phase,
    tasks: rows.map(({ kind, state }) => `${kind} ${state}`),
    activity,
    rows,
  }
}
