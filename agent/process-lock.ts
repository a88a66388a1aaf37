import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentFailure } from './agent-error.ts'

/** The longest path of a Unix socket on Linux (108) and macOS (104), with its end. */
const maxSocketPath = 100

/**
 * One process per data folder: two would be two machines to the portal. A listening socket is the lock, because the system
 * answers for a process that is stopped or busy, and forgets it with one that is killed; a process number does neither.
 */
export async function lockDataDir(dataDir: string): Promise<{ release: () => Promise<void> }> {
  const path = lockPath(dataDir)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  if (await isAnswered(path)) throw taken(dataDir)
  // Left behind by a process that was killed.
  if (process.platform !== 'win32') await rm(path, { force: true })
  const server = createServer((socket) => socket.destroy())
  server.unref()
  server.listen(path)
  await once(server, 'listening').catch((cause: unknown) => {
    throw taken(dataDir, cause)
  })
  return { release: () => close(server) }
}

/** Whether an agent holds this folder now. */
export async function isDataDirLocked(dataDir: string): Promise<boolean> {
  return await isAnswered(lockPath(dataDir))
}

function lockPath(dataDir: string): string {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 32)
  if (process.platform === 'win32') return `\\\\.\\pipe\\sallyport-agent-${name}`
  const own = join(dataDir, 'agent.lock')
  return own.length <= maxSocketPath ? own : join(tmpdir(), `sallyport-agent-${name}.lock`)
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function close(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

function taken(dataDir: string, cause?: unknown): AgentFailure {
  return new AgentFailure(
    'config',
    `Another agent uses the folder ${dataDir} on this machine. Stop it first`,
    cause,
  )
}
