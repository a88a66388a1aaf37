import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { plainEnvironment } from '@/lib/db/postgres-cluster'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a portal tells the process that started it, once it answers. */
export type PortalReady = {
  publicUrl: string
  localUrl: string
  setupCode: string | null
  databaseUrl: string
}

export type PortalProcess = PortalReady & {
  pid: number
  exited: Promise<number | null>
  /** SIGTERM; answers the exit code, 0 after a clean drain. */
  stop(): Promise<number | null>
  /** SIGKILL; its embedded PostgreSQL sees that and ends by itself. */
  kill(): Promise<void>
}

/**
 * Runs the built portal as a process of its own, as `npm start` does, with these settings and no others. It ends with
 * its caller, whatever ends that.
 */
export async function startPortalProcess(
  settings: Record<string, string>,
  logFile: string,
): Promise<PortalProcess> {
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, ['--import', './server/cli/typescript.mjs', 'server/main.ts'], {
    cwd: root,
    env: { ...plainEnvironment, NEXT_TELEMETRY_DISABLED: '1', ...settings },
    // Its own process group: Ctrl-C reaches the caller only, which stops things in order.
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  const exited = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null))
  const ready = once(child, 'message').then(([message]: unknown[]) => message as PortalReady)
  const first = await Promise.race([ready, exited])
  if (first === null || typeof first === 'number') throw new Error(`The portal did not start: see ${logFile}`)
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (isRunning(child)) child.kill(signal)
    return exited
  }
  return {
    ...first,
    pid: child.pid ?? 0,
    exited,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
