import { z } from 'zod'
import { Capabilities, NodeMachine, NodePolicy } from './enrolment.ts'
import { Count, Digits, Epoch, Id } from './scalars.ts'
import { LeasedTask, RenewedLease, Resources, RunningTask, TaskOutcome } from './task.ts'

/** One held request per node. Parallel polls of one node answer the older at once with 204. */
export const PollRequest = z.object({
  slots: z.object({ total: Count.positive(), free: Count }),
  /** Interactive requests that the node can still take; they use no copy slot. */
  interactiveFree: Count,
  running: z.array(z.object({ taskId: Id, epoch: Epoch })).max(1000),
  /** Snapshots and other holds that this process keeps open for a copy. */
  holds: z.array(Id).max(1000).default([]),
  resources: Resources.optional(),
  /** Sent on the first poll of a process and whenever it changed. */
  machine: NodeMachine.optional(),
  capabilities: Capabilities.optional(),
  policy: NodePolicy.optional(),
  /** Random per process start: the same identity seen from two machines at a time is quarantined. */
  incarnation: Id,
  vaultVersion: Digits,
  /** What the node believes that the admin wants; another wish is answered at once. */
  wish: z.enum(['active', 'cordoned', 'draining']).optional(),
  /** How long the portal may hold the request. */
  holdMs: z.number().int().min(0).max(55_000),
})
export type PollRequest = z.infer<typeof PollRequest>
export const PollResponse = z
  .object({
    tasks: z.array(LeasedTask),
    cancels: z.array(z.object({ taskId: Id, epoch: Epoch })),
    /** Holds whose copy has ended. */
    releaseHolds: z.array(Id),
    /** Larger than the node's: pull the vault state. */
    vaultVersion: Digits,
    /** Where an admin changed it. */
    slots: z.number().int().positive().optional(),
    wish: z.enum(['active', 'cordoned', 'draining']),
  })
  .nullable()
export type PollResponse = z.infer<typeof PollResponse>

/** Renews leases and reports progress; never waits behind a poll or a copy. */
export const HeartbeatRequest = z.object({
  tasks: z.array(RunningTask).max(1000),
  resources: Resources.optional(),
})
export type HeartbeatRequest = z.infer<typeof HeartbeatRequest>
export const HeartbeatResponse = z.object({
  leases: z.array(RenewedLease),
  /** Next heartbeat, while tasks run and while idle. */
  intervalMs: z.number().int().positive(),
})
export type HeartbeatResponse = z.infer<typeof HeartbeatResponse>

export const CompleteRequest = z.object({
  taskId: Id,
  epoch: Epoch,
  outcome: TaskOutcome,
  /** The last lines and counters of the task. */
  final: RunningTask.pick({ progress: true, log: true }),
})
export type CompleteRequest = z.infer<typeof CompleteRequest>
/** A repeated completion of the same epoch is accepted again; a stale epoch is 409 `fenced`. */
export const CompleteResponse = z.object({ accepted: z.literal(true) })
