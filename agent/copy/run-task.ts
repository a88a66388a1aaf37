import type { LeasedTask, TaskResult } from '../../lib/protocol/task.ts'
import { explorerFor } from '../connectors/registry.ts'
import { routeFor } from './routes.ts'
import type { TaskContext } from './task-context.ts'
import { exploreTask } from './explore.ts'

/** A task as the engine needs it: what to do, and the epoch that fences every commit. */
export type RunnableTask = Pick<LeasedTask, 'taskId' | 'epoch' | 'attempt' | 'spec'>

/** Does one task. Throws `TaskFailure` for everything that has a reason; anything else thrown is a bug. */
export async function runTask(task: RunnableTask, ctx: TaskContext): Promise<TaskResult> {
  const { spec, epoch } = task
  switch (spec.kind) {
    case 'prepareCopy':
      return { kind: spec.kind, result: await routeFor(spec.copy).prepare({ copy: spec.copy, epoch }, ctx) }
    case 'copyPart':
      return {
        kind: spec.kind,
        result: await routeFor(spec.copy).part(
          { copy: spec.copy, plan: spec.plan, part: spec.part, epoch },
          ctx,
        ),
      }
    case 'publishCopy':
      return {
        kind: spec.kind,
        result: await routeFor(spec.copy).publish(
          { copy: spec.copy, plan: spec.plan, results: spec.results, epoch },
          ctx,
        ),
      }
    case 'cleanUpCopy': {
      const { removed, ...rest } = await routeFor(spec.copy).cleanUp(
        { copy: spec.copy, plan: spec.plan, epoch },
        ctx,
      )
      return { kind: spec.kind, result: { removed: removed.slice(0, 1000), ...rest } }
    }
    default:
      return exploreTask(spec, explorerFor(spec.store.address.type), ctx)
  }
}
