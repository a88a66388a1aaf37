import type { Worker } from 'node:worker_threads'
import { keyFingerprint } from '../../lib/protocol/fingerprint.ts'
import { openAgent } from '../open-agent.ts'
import type { Io } from './io.ts'

const answerWithinMs = 60_000

/** Gives this node new keys. The running agent beside it learns them from the folder with its next request. */
export async function rotateKeys(
  dataDir: string,
  { io, spawnWorker }: { io: Io; spawnWorker: () => Worker },
): Promise<void> {
  const agent = await openAgent(dataDir, spawnWorker)
  try {
    await agent.vault.rekey(AbortSignal.timeout(answerWithinMs))
    io.out(`Node "${agent.config.nodeName}" has new keys, and the portal has forgotten the old ones.`)
    io.out(`Fingerprint of its keys: ${await keyFingerprint(agent.keyring.preferred)}`)
  } finally {
    await agent.close()
  }
}
