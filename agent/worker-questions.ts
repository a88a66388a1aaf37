import { StoreRef } from '../lib/protocol/stores.ts'
import type { AgentContext } from './agent-context.ts'
import type { AgentConfig } from './config.ts'
import { TaskFailure } from './copy/failure.ts'
import { StagedReading } from './copy/files/staged-reading.ts'
import { type SnapshotHolder, SnapshotSource } from './copy/snapshot-holder.ts'
import { requireAllowedStore } from './host-policy.ts'
import { failureOf, type TaskInHand } from './running-task.ts'
import type { FromWorker, ReadElsewhere, ToWorker } from './worker-messages.ts'

type Question = {
  inHand: TaskInHand
  message: Extract<FromWorker, { type: 'question' }>
  confirm: (inHand: TaskInHand) => Promise<boolean>
  readElsewhere: (reading: StagedReading) => Promise<ReadElsewhere | null>
}

/** What only the main thread has: the machine's own rules, the vault, the snapshots. */
export type Keeper = {
  config: Pick<AgentConfig, 'allowedFolders' | 'allowedHosts'>
  vault: Pick<AgentContext['vault'], 'secretFor'>
  snapshots: Pick<SnapshotHolder, 'open'>
}

/** The main thread's answer to a worker: credentials, snapshots and the portal are its alone. */
export async function answerQuestion(ctx: Keeper, question: Question): Promise<ToWorker> {
  const { id } = question.message
  try {
    return { type: 'answer', id, value: await answer(ctx, question) }
  } catch (error) {
    return { type: 'refusal', id, failure: failureOf(error) }
  }
}

async function answer(ctx: Keeper, question: Question): Promise<unknown> {
  const { inHand, message, confirm } = question
  const { allowedHosts } = ctx.config
  if (message.name === 'secretFor') {
    const store = StoreRef.parse(message.ask)
    await requireAllowedStore(store, allowedHosts)
    return ctx.vault.secretFor(store)
  }
  if (message.name === 'holdSnapshot') {
    const { store, heaps } = SnapshotSource.parse(message.ask)
    if (store.address.type !== 'PostgreSql') throw new Error('Only PostgreSQL exports snapshots')
    await requireAllowedStore(store, allowedHosts)
    const secret = await ctx.vault.secretFor(store)
    const hold = await ctx.snapshots.open({ address: store.address, secret, allowedHosts }, heaps)
    inHand.holds.push(hold.holdId)
    return hold
  }
  if (message.name === 'readElsewhere') return question.readElsewhere(StagedReading.parse(message.ask))
  inHand.committing = true
  if (await confirm(inHand)) return null
  throw new TaskFailure('fenced', 'Another node took the task over')
}
