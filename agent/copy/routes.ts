import type { CopyPart, CopyPlan, CopyReceipt, CopySpec, PartResult } from '../../lib/protocol/copy-plan.ts'
import type { CleanUpResult, TaskSpec } from '../../lib/protocol/task.ts'
import { TaskFailure } from './failure.ts'
import { filesToFiles } from './files/files-to-files.ts'
import { filesToTable } from './files/files-to-table.ts'
import { tableToFiles } from './files/table-to-files.ts'
import { tableToTable } from './table/table-to-table.ts'
import type { TaskContext } from './task-context.ts'

type Fenced = { copy: CopySpec; epoch: number }
export type PrepareTask = Fenced
export type PartTask = Fenced & { plan: Omit<CopyPlan, 'parts'>; part: CopyPart }
export type PublishTask = Fenced & {
  plan: CopyPlan
  results: Extract<TaskSpec, { kind: 'publishCopy' }>['results']
}
export type CleanUpTask = Fenced & { plan: CopyPlan | undefined }

/** How one kind of source reaches one kind of sink. Every step may be run again after a crash, on another node, with a larger epoch. */
export interface CopyRoute {
  prepare(task: PrepareTask, ctx: TaskContext): Promise<CopyPlan>
  part(task: PartTask, ctx: TaskContext): Promise<PartResult>
  publish(task: PublishTask, ctx: TaskContext): Promise<CopyReceipt>
  /** Names what it removed; succeeds when there is nothing left. */
  cleanUp(task: CleanUpTask, ctx: TaskContext): Promise<CleanUpResult>
}

/** Keyed by `<source>-<sink>`: a query reads like a table. */
const routes: Record<string, CopyRoute> = {
  'table-table': tableToTable,
  'table-files': tableToFiles,
  'files-table': filesToTable,
  'files-files': filesToFiles,
}

export function routeFor(copy: CopySpec): CopyRoute {
  const end = copy.source.kind === 'files' ? 'files' : 'table'
  const route = routes[`${end}-${copy.sink.kind}`]
  if (!route) throw new TaskFailure('internal', `this node cannot copy from ${end} to ${copy.sink.kind}`)
  return route
}
