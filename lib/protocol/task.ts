import { z } from 'zod'
import { CopyPart, CopyPlan, CopyProgress, CopyReceipt, CopySpec, PartResult } from './copy-plan.ts'
import { Failure } from './failure.ts'
import {
  BrowsePath,
  BrowseResult,
  DescribeResult,
  ItemRef,
  SealedPreview,
  TestConnectionResult,
} from './interactive.ts'
import { Base64Url, Digits, Epoch, Id, Instant } from './scalars.ts'
import { StoreRef } from './stores.ts'

/** What a node is asked to do. `kind`s that a node did not list as capability are never sent to it. */
export const TaskSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('testConnection'), store: StoreRef }),
  z.object({
    kind: z.literal('browse'),
    store: StoreRef,
    path: BrowsePath,
    filter: z.string().max(200).optional(),
  }),
  z.object({ kind: z.literal('describe'), store: StoreRef, item: ItemRef }),
  z.object({
    kind: z.literal('preview'),
    store: StoreRef,
    item: ItemRef,
    limit: z.number().int().min(1).max(100),
    recipientKey: Base64Url,
    requestId: Id,
  }),
  z.object({ kind: z.literal('prepareCopy'), copy: CopySpec }),
  z.object({
    kind: z.literal('copyPart'),
    copy: CopySpec,
    plan: CopyPlan.omit({ parts: true }),
    part: CopyPart,
  }),
  z.object({
    kind: z.literal('publishCopy'),
    copy: CopySpec,
    plan: CopyPlan,
    results: z.array(z.object({ index: z.number().int().nonnegative(), epoch: Epoch, result: PartResult })),
  }),
  /** After a failure or cancel: remove what the copy left at the sink. Must succeed when there is nothing left. */
  z.object({ kind: z.literal('cleanUpCopy'), copy: CopySpec, plan: CopyPlan.optional() }),
])
export type TaskSpec = z.infer<typeof TaskSpec>
export const taskKinds = [
  'testConnection',
  'browse',
  'describe',
  'preview',
  'prepareCopy',
  'copyPart',
  'publishCopy',
  'cleanUpCopy',
] as const
export type TaskKind = (typeof taskKinds)[number]
/** Requests that a person waits for: they take no copy slot and are tried once. */
export const interactiveTaskKinds = [
  'testConnection',
  'browse',
  'describe',
  'preview',
] as const satisfies readonly TaskKind[]
export function isInteractive(kind: TaskKind): boolean {
  return interactiveTaskKinds.some((interactive) => interactive === kind)
}

export const CleanUpResult = z.object({
  removed: z.array(z.string()).max(1000),
  /**
   * Rows that stay in the target, because parts committed them there directly; absent for other copies, and where the ledger
   * of the sink no longer knows.
   */
  rowsLeft: Digits.exactOptional(),
})
export type CleanUpResult = z.infer<typeof CleanUpResult>

export const TaskResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('testConnection'), result: TestConnectionResult }),
  z.object({ kind: z.literal('browse'), result: BrowseResult }),
  z.object({ kind: z.literal('describe'), result: DescribeResult }),
  z.object({ kind: z.literal('preview'), result: SealedPreview }),
  z.object({ kind: z.literal('prepareCopy'), result: CopyPlan }),
  z.object({ kind: z.literal('copyPart'), result: PartResult }),
  z.object({ kind: z.literal('publishCopy'), result: CopyReceipt }),
  z.object({ kind: z.literal('cleanUpCopy'), result: CleanUpResult }),
])
export type TaskResult = z.infer<typeof TaskResult>

/** A task with the lease under which it was handed out. */
export const LeasedTask = z.object({
  taskId: Id,
  epoch: Epoch,
  /** From the answer's arrival on the node's monotonic clock. The first lease is short: the node must renew before it starts. */
  leaseMs: z.number().int().positive(),
  attempt: z.number().int().positive(),
  spec: TaskSpec,
})
export type LeasedTask = z.infer<typeof LeasedTask>

export const TaskOutcome = z.discriminatedUnion('status', [
  z.object({ status: z.literal('succeeded'), output: TaskResult }),
  z.object({ status: z.literal('failed'), failure: Failure }),
  z.object({ status: z.literal('cancelled') }),
  /** Handed back unfinished by a node that drains; does not count as an attempt. */
  z.object({ status: z.literal('released') }),
])
export type TaskOutcome = z.infer<typeof TaskOutcome>

export const LogLine = z.object({
  at: Instant,
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string().max(2000),
})
export type LogLine = z.infer<typeof LogLine>

/** What a node says of one running task. `committing`: the sink is being told to publish; a lapse needs recovery, not a blind retry. */
export const RunningTask = z.object({
  taskId: Id,
  epoch: Epoch,
  committing: z.boolean().default(false),
  progress: CopyProgress.optional(),
  log: z.array(LogLine).max(200).default([]),
})
export type RunningTask = z.infer<typeof RunningTask>
export const RenewedLease = z.object({
  taskId: Id,
  epoch: Epoch,
  /** `held`: renewed. `cancel`: renewed, but stop and report `cancelled`. `fenced`: another owner exists, stop without touching the sink. */
  state: z.enum(['held', 'cancel', 'fenced']),
  leaseMs: z.number().int().nonnegative(),
})
export const Resources = z.object({
  cpuPercent: z.number().min(0).max(100),
  memoryUsedBytes: Digits,
  memoryTotalBytes: Digits,
  agentMemoryBytes: Digits,
})
export type Resources = z.infer<typeof Resources>
