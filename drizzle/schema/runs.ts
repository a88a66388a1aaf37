import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { activityPhases, runStatuses, taskStates } from '../../lib/runs/schemas'
import type { PipelineDefinition } from '../../lib/pipelines/schemas'
import type { CopyPlan, CopyProgress, CopyReceipt, CopySpec } from '../../lib/protocol/copy-plan'
import type { Failure } from '../../lib/protocol/failure'
import type { StoreType } from '../../lib/protocol/stores'
import type { TaskResult, TaskSpec } from '../../lib/protocol/task'
import { taskKinds } from '../../lib/protocol/task'
import { createdAt, exactInstant, id, instant } from './columns'
import { factories } from './factories'
import { nodes, runtimes } from './runtimes'
import { pipelines } from './authoring'
import { tenants } from './tenants'

export const pipelineRuns = pgTable(
  'pipeline_runs',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    factoryId: uuid()
      .notNull()
      .references(() => factories.id, { onDelete: 'cascade' }),
    pipelineId: uuid().references(() => pipelines.id, { onDelete: 'set null' }),
    pipelineName: text().notNull(),
    /** The definition as it was when the run began. */
    definition: jsonb().$type<PipelineDefinition>().notNull(),
    status: text({ enum: runStatuses }).notNull().default('Queued'),
    /** Who asked: a user's name, or the run that this one retries. */
    invokedBy: jsonb()
      .$type<{ type: 'Manual' | 'Retry'; userId: string | null; name: string; runId?: string }>()
      .notNull(),
    /** Who asked last to cancel it, and when; null where nobody did, or where it was resumed since. */
    cancelledBy: jsonb().$type<{ userId: string | null; name: string }>(),
    cancelRequestedAt: instant(),
    message: text().notNull().default(''),
    queuedAt: createdAt(),
    startedAt: instant(),
    endedAt: instant(),
  },
  (t) => [
    index('pipeline_runs_list').on(t.factoryId, t.queuedAt, t.id),
    index('pipeline_runs_pipeline').on(t.pipelineId, t.queuedAt),
    index('pipeline_runs_status').on(t.factoryId, t.status, t.queuedAt, t.id),
    // What is under way in a factory, what ended in the last day, and what is old enough to go.
    index('pipeline_runs_ended').on(t.endedAt, t.factoryId),
  ],
)

export const activityRuns = pgTable(
  'activity_runs',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    pipelineRunId: uuid()
      .notNull()
      .references(() => pipelineRuns.id, { onDelete: 'cascade' }),
    runtimeId: uuid().references(() => runtimes.id, { onDelete: 'set null' }),
    ordinal: integer().notNull(),
    name: text().notNull(),
    type: text().notNull().default('Copy'),
    status: text({ enum: runStatuses }).notNull().default('Queued'),
    /** Where a copy stands: prepare, parts, publish, clean-up. */
    phase: text({ enum: activityPhases }).notNull().default('waiting'),
    spec: jsonb().$type<CopySpec>().notNull(),
    plan: jsonb().$type<CopyPlan>(),
    receipt: jsonb().$type<CopyReceipt>(),
    failure: jsonb().$type<Failure>(),
    cancelRequestedAt: instant(),
    createdAt: createdAt(),
    startedAt: instant(),
    endedAt: instant(),
  },
  (t) => [
    unique('activity_runs_name').on(t.pipelineRunId, t.name),
    index('activity_runs_open')
      .on(t.id)
      .where(sql`phase <> 'ended'`),
    index('activity_runs_holds')
      .on(sql`((plan -> 'snapshot' ->> 'holdId'))`)
      .where(sql`phase = 'copying'`),
  ],
)

/** The queue. One row per task; the row stays as the history of its part. */
export const tasks = pgTable(
  'tasks',
  {
    id: id(),
    runtimeId: uuid()
      .notNull()
      .references(() => runtimes.id, { onDelete: 'cascade' }),
    /** Null for interactive requests. */
    activityRunId: uuid().references(() => activityRuns.id, { onDelete: 'cascade' }),
    kind: text({ enum: taskKinds }).notNull(),
    /** For copyPart: the part's index in the plan. */
    partIndex: integer(),
    interactive: boolean().notNull().default(false),
    state: text({ enum: taskStates }).notNull().default('queued'),
    priority: integer().notNull().default(0),
    /** In milliseconds, a task could be due up to half of one after it was queued, and the poll it woke would miss it. */
    runAfter: exactInstant()
      .notNull()
      .default(sql`now()`),
    /** Fencing number; only grows (reliability-and-security.md, section 1.2). */
    epoch: bigint({ mode: 'number' }).notNull().default(0),
    nodeId: uuid().references(() => nodes.id, { onDelete: 'set null' }),
    /** Interactive requests may name the one node that must answer. */
    onlyNodeId: uuid().references(() => nodes.id, { onDelete: 'cascade' }),
    leaseUntil: instant(),
    /** Hand-overs, whatever became of them. */
    attempt: integer().notNull().default(0),
    /** Attempts that failed for a reason of the task's own: only they count against `maxAttempts`. */
    failedAttempts: integer().notNull().default(0),
    /** Attempts since it last got on that ended because the node or its lease went away (lib/tasks/loss.ts). */
    lostAttempts: integer().notNull().default(0),
    /** How far the farthest lost attempt was. */
    farthestBytes: bigint({ mode: 'number' }).notNull().default(0),
    maxAttempts: integer().notNull().default(1),
    spec: jsonb().$type<TaskSpec>().notNull(),
    /** What a node must be able to connect to. */
    storeTypes: jsonb().$type<StoreType[]>().notNull().default([]),
    /** linked service id and version that a node must have opened. */
    requiredCredentials: jsonb()
      .$type<{ linkedServiceId: string; version: number }[]>()
      .notNull()
      .default([]),
    result: jsonb().$type<TaskResult>(),
    failure: jsonb().$type<Failure>(),
    progress: jsonb().$type<CopyProgress>(),
    /** Interactive requests: who may read the answer. */
    requestedBy: uuid(),
    cancelRequestedAt: instant(),
    createdAt: createdAt(),
    startedAt: instant(),
    endedAt: instant(),
  },
  (t) => [
    index('tasks_queue')
      .on(t.runtimeId, t.priority, t.runAfter, t.id)
      .where(sql`state = 'queued'`),
    index('tasks_leases')
      .on(t.leaseUntil)
      .where(sql`state in ('leased', 'committing')`),
    index('tasks_activity').on(t.activityRunId, t.kind, t.partIndex),
    // What a node holds; and the history of a node that is deleted lets go of it, as in the two below.
    index('tasks_node')
      .on(t.nodeId, t.state)
      .where(sql`node_id is not null`),
    index('tasks_only_node')
      .on(t.onlyNodeId)
      .where(sql`only_node_id is not null`),
    // Few at any moment, and forgotten soon, beside a history of any length.
    index('tasks_interactive')
      .on(t.requestedBy)
      .where(sql`interactive`),
    index('tasks_outcomes')
      .on(t.runtimeId, t.endedAt)
      .where(sql`state in ('succeeded', 'failed')`),
  ],
)

/** Every hand-over of a task, for "node, epoch, attempt" of each part and for the story of a run. */
export const taskAttempts = pgTable(
  'task_attempts',
  {
    taskId: uuid()
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    epoch: bigint({ mode: 'number' }).notNull(),
    attempt: integer().notNull(),
    nodeId: uuid().references(() => nodes.id, { onDelete: 'set null' }),
    nodeName: text().notNull(),
    leasedAt: createdAt(),
    startedAt: instant(),
    endedAt: instant(),
    /** How it ended: succeeded, failed, cancelled, released, fenced, lost. */
    outcome: text(),
    failure: jsonb().$type<Failure>(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.epoch] }), index('task_attempts_node').on(t.nodeId)],
)

export const runLogs = pgTable(
  'run_logs',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    activityRunId: uuid()
      .notNull()
      .references(() => activityRuns.id, { onDelete: 'cascade' }),
    taskId: uuid(),
    nodeName: text(),
    at: instant().notNull(),
    level: text({ enum: ['debug', 'info', 'warn', 'error'] }).notNull(),
    message: text().notNull(),
  },
  (t) => [index('run_logs_activity').on(t.activityRunId, t.id)],
)

/** Rows and bytes so far, at most one sample a second: the throughput chart of a run. */
export const runSamples = pgTable(
  'run_samples',
  {
    activityRunId: uuid()
      .notNull()
      .references(() => activityRuns.id, { onDelete: 'cascade' }),
    at: instant().notNull(),
    rows: bigint({ mode: 'number' }).notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.activityRunId, t.at] })],
)
