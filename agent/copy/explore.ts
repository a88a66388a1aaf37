import { padSecret, seal } from '../../lib/protocol/sealing.ts'
import type { TaskResult, TaskSpec } from '../../lib/protocol/task.ts'
import type { Explorer } from '../connectors/connector.ts'
import { openStore } from './open-store.ts'
import type { TaskContext } from './task-context.ts'

type ExploreSpec = Extract<TaskSpec, { kind: 'testConnection' | 'browse' | 'describe' | 'preview' }>

/** Answers what a person waits for. Preview rows are sealed for the asking browser, so that the portal only relays them. */
export async function exploreTask(
  spec: ExploreSpec,
  explorer: Explorer,
  ctx: TaskContext,
): Promise<TaskResult> {
  if (spec.kind === 'testConnection')
    return { kind: spec.kind, result: await explorer.testConnection(spec.store, ctx) }
  const store = await openStore(spec.store, ctx)
  switch (spec.kind) {
    case 'browse':
      return { kind: spec.kind, result: await explorer.browse(store, spec) }
    case 'describe':
      return { kind: spec.kind, result: await explorer.describe(store, spec.item) }
    case 'preview': {
      const rows = await explorer.preview(store, spec)
      const recipient = { publicKey: spec.recipientKey, purpose: 'preview' } as const
      const sealed = await seal(recipient, { requestId: spec.requestId }, padSecret(JSON.stringify(rows)))
      return { kind: spec.kind, result: sealed }
    }
  }
}
