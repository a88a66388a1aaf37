import { z } from 'zod'
import { Failure } from '@/lib/protocol/failure'
import { Id, Iso } from '@/lib/protocol/scalars'
import { TaskResult } from '@/lib/protocol/task'

/** How long a request may wait for a node to take it, and how long the whole of it may take. */
export const interactiveQueueMs = 60_000
export const interactiveTotalMs = 150_000

/** What a person who waits is told: who might answer and why nobody did yet, who answers, or the answer. */
export const InteractiveAnswer = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('waiting'),
    since: Iso,
    runtimeName: z.string(),
    /** Every node that may answer, with what keeps it from answering; empty while it can. */
    nodes: z.array(z.object({ name: z.string(), hindrance: z.string() })),
  }),
  z.object({ state: z.literal('asking'), since: Iso, nodeName: z.string() }),
  z.object({
    state: z.literal('answered'),
    nodeName: z.string(),
    durationMs: z.number().nonnegative(),
    output: TaskResult,
  }),
  z.object({ state: z.literal('failed'), nodeName: z.string().nullable(), failure: Failure }),
])
export type InteractiveAnswer = z.infer<typeof InteractiveAnswer>
export type InteractiveState = InteractiveAnswer['state']

export const CancelInteractiveInput = z.object({ taskIds: z.array(Id).min(1).max(100) })
/** `seen`: the state that the asking page shows already. */
export const InteractiveWaitQuery = z.object({
  task: Id,
  seen: z.enum(['waiting', 'asking', 'answered', 'failed']).optional(),
})
