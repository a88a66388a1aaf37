import { setTimeout as sleep } from 'node:timers/promises'
import { retryPipelineRun } from '@/lib/runs/retry'
import { endedRunStatuses } from '@/lib/runs/schemas'
import { tableText } from '@/server/stack/report-table'
import { type Arena, insist } from './arena'
import { type ChaosCopy, copyKinds, latestRun, makeCopy, startOnce } from './copies'
import { type FaultCounts, makeFaults } from './faults'
import { seededRandom } from './random'

/** After the last fault everything has ended within this time. */
const settleMs = 60_000
const copiesAtOnce = 4
/** Faults go on until this share of the copies has ended, so that late copies meet them too. */
const stormShare = 0.8

export type StormResult = { wrong: string[]; faults: FaultCounts; retried: number; settledMs: number }

/** Copies run while everything around them breaks; afterwards every sink is counted without the product's help. */
export async function storm(
  arena: Arena,
  { copies: copyCount, seed }: { copies: number; seed: number },
): Promise<StormResult> {
  const random = seededRandom(seed)
  const copies: ChaosCopy[] = []
  for (let index = 0; index < copyCount; index += 1)
    copies.push(await makeCopy(arena, copyKinds[index % copyKinds.length] ?? 'append', index))

  const calm = new AbortController()
  const faults = makeFaults(arena, random, calm.signal)
  const running = runAll(arena, copies, (ended) => {
    if (ended >= copyCount * stormShare) calm.abort()
  })
  const counts = await faults
  const calmAt = Date.now()
  const late = await Promise.race([running, sleep(settleMs).then(() => null)])
  const settledMs = Date.now() - calmAt
  const retried = await resumeFailed(arena, copies)
  const wrong = late === null ? ['some runs had not ended 60 s after the last fault'] : []
  for (const copy of copies) wrong.push(...(await judge(arena, copy)))
  return { wrong, faults: counts, retried, settledMs }
}

async function runAll(arena: Arena, copies: ChaosCopy[], onEnded: (ended: number) => void): Promise<true> {
  const waiting = [...copies]
  let ended = 0
  const lane = async () => {
    for (let copy = waiting.shift(); copy; copy = waiting.shift()) {
      await startOnce(arena, copy)
      await untilEnded(arena, copy)
      ended += 1
      onEnded(ended)
    }
  }
  await Promise.all(Array.from({ length: copiesAtOnce }, lane))
  return true
}

async function untilEnded(arena: Arena, copy: ChaosCopy): Promise<void> {
  for (;;) {
    const run = await insist(() => latestRun(arena.stack.db, copy.pipelineId))
    if (run && endedRunStatuses.some((status) => status === run.status)) return
    await sleep(200)
  }
}

/** A run may fail honestly while a store is away; resumed in calm it must end well, from where it was. */
async function resumeFailed(arena: Arena, copies: ChaosCopy[]): Promise<number> {
  let retried = 0
  for (const copy of copies) {
    const run = await latestRun(arena.stack.db, copy.pipelineId)
    if (run?.status !== 'Failed') continue
    retried += 1
    console.log(`${copy.name} had failed (${run.message}): resuming`)
    await retryPipelineRun(arena.stack.ctx, { pipelineRunId: run.id, mode: 'resume' })
    await Promise.race([untilEnded(arena, copy), sleep(settleMs)])
  }
  return retried
}

async function judge(arena: Arena, copy: ChaosCopy): Promise<string[]> {
  const run = await latestRun(arena.stack.db, copy.pipelineId)
  if (run?.status !== 'Succeeded')
    return [`${copy.name}: the run stands at ${run?.status ?? 'nothing'} (${run?.message ?? ''})`]
  const found = await copy.count()
  const { expected } = copy
  if (found.rows !== expected.rows) return [`${copy.name}: ${found.rows} rows instead of ${expected.rows}`]
  return found.digest === expected.digest
    ? []
    : [`${copy.name}: the right number of rows, but not the right rows`]
}

export function stormReport({ faults, retried, settledMs, wrong }: StormResult, copies: number): string {
  return tableText(
    ['copies', ...Object.keys(faults), 'resumed by hand', 'last end after last fault', 'wrong'],
    [[copies, ...Object.values(faults), retried, `${(settledMs / 1000).toFixed(1)} s`, wrong.length]],
  )
}
