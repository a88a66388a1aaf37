import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { endpoints } from '../../lib/protocol/endpoints.ts'
import { classify } from '../backoff.ts'
import { openAgent } from '../open-agent.ts'
import { lockDataDir } from '../process-lock.ts'
import type { Io } from './io.ts'

/** Takes this node out of its runtime and forgets keys and credentials. `force` forgets even where the portal is not reached. */
export async function unregister(
  { dataDir, force }: { dataDir: string; force: boolean },
  { io, spawnWorker }: { io: Io; spawnWorker: () => Worker },
): Promise<void> {
  const lock = await lockDataDir(dataDir)
  const agent = await openAgent(dataDir, spawnWorker)
  try {
    await agent.call(endpoints.unregister, { reason: 'unregistered on the machine' })
  } catch (error) {
    // The portal does not know this node any more: nothing is left to take out there.
    if (!force && classify(error) !== 'fatal') throw error
  } finally {
    await agent.close()
    await lock.release()
  }
  for (const name of ['config.json', 'identity.json', 'state.json', 'vault', 'keys'])
    await rm(join(dataDir, name), { recursive: true, force: true })
  io.out(
    `Node "${agent.config.nodeName}" is unregistered. Its keys and credentials are gone from ${dataDir}.`,
  )
}
