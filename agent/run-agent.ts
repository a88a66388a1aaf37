import { randomUUID } from 'node:crypto'
import type { AgentContext } from './agent-context.ts'
import { pause } from './backoff.ts'
import { confirmLease, createHeartbeat } from './heartbeat.ts'
import { keepKeysFresh } from './key-age.ts'
import { createPollLoop, type PollLoop } from './poll-loop.ts'
import { type AgentState, writeState } from './state-file.ts'
import { createTaskRunner, type TaskRunner } from './task-runner.ts'
import { createVaultKeeper } from './vault/vault-keeper.ts'

/** `drain`: take no new work, let copies end. `abort`: hand everything back now. The second follows the first. */
export type StopSignals = { drain: AbortSignal; abort: AbortSignal }

/** Time to let go of stores (10 s, see task-runner) and to tell the portal. */
const handBackMs = 15_000
/** How often `status` learns something new. */
const stateEveryMs = 2000

/** Runs until it is told to stop, or until the portal refuses this node for good (which is thrown). */
export async function runAgent(ctx: AgentContext, dataDir: string, signals: StopSignals): Promise<void> {
  const ended = new AbortController()
  const runner: TaskRunner = createTaskRunner(ctx, {
    confirm: (inHand) => confirmLease(ctx, inHand, ended.signal),
    onAccepted: () => heartbeat.nudge(),
    onFreed: () => polling.wake(),
  })
  const heartbeat = createHeartbeat(ctx, runner)
  const vault = createVaultKeeper(ctx)
  const polling = createPollLoop(ctx, { runner, vault }, randomUUID())
  const startedAt = new Date().toISOString()
  const say = () =>
    writeState(dataDir, describe(ctx, { runner, polling, startedAt, stopping: signals.drain.aborted }))
  const background = [
    heartbeat.run(ended.signal),
    vault.run(ended.signal),
    keepKeysFresh(ctx, ended.signal),
    keepSaying(say, ended.signal),
  ]
  try {
    ctx.log.info({ node: ctx.config.nodeName, portal: ctx.config.portalUrl }, 'agent started')
    await polling.run(signals.drain)
    await drain(ctx, runner, signals.abort)
  } finally {
    ended.abort()
    await Promise.all(background)
    await runner.close()
    await ctx.snapshots.releaseAll()
    await say()
    ctx.log.info('agent stopped')
  }
}

/** Copies may end within the time that the configuration gives; what is left is handed back unfinished. */
async function drain(ctx: AgentContext, runner: TaskRunner, abort: AbortSignal): Promise<void> {
  if (runner.tasks.size === 0) return
  ctx.log.info({ tasks: runner.tasks.size, seconds: ctx.config.drainSeconds }, 'letting running tasks end')
  await within(ctx.config.drainSeconds * 1000, runner.idle(), abort)
  for (const { task } of runner.tasks.values()) runner.stop(task.taskId, task.epoch, 'released')
  // Without a portal to hand it back to, the lease lapses by itself.
  await within(handBackMs, runner.idle())
}

/** Waits for something, but no longer; leaves no timer behind that would keep the process alive. */
async function within(ms: number, something: Promise<void>, abort?: AbortSignal): Promise<void> {
  const done = new AbortController()
  await Promise.race([something, pause(ms, AbortSignal.any([done.signal, ...(abort ? [abort] : [])]))])
  done.abort()
}

async function keepSaying(say: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await say()
    await pause(stateEveryMs, signal)
  }
}

type Parts = { runner: TaskRunner; polling: PollLoop; startedAt: string; stopping: boolean }

function describe(ctx: AgentContext, { runner, polling, startedAt, stopping }: Parts): AgentState {
  return {
    pid: process.pid,
    startedAt,
    updatedAt: new Date().toISOString(),
    portalUrl: ctx.config.portalUrl,
    lastAnswerAt: polling.state.lastAnswerAt?.toISOString() ?? null,
    lastError: polling.state.lastError,
    wish: polling.state.wish,
    stopping,
    vaultGeneration: ctx.vault.generation(),
    vaultStrict: ctx.vault.isStrict(),
    tasks: [...runner.tasks.values()].map(({ task, progress }) => ({
      taskId: task.taskId,
      kind: task.spec.kind,
      phase: progress?.phase ?? 'starting',
      rows: progress?.rows ?? '0',
      bytes: progress?.bytes ?? '0',
    })),
  }
}
