import type { Worker } from 'node:worker_threads'
import { readFingerprint } from '../../lib/protocol/fingerprint.ts'
import { MembershipError } from '../../lib/protocol/membership.ts'
import { AgentFailure } from '../agent-error.ts'
import { openAgent } from '../open-agent.ts'
import type { Io } from './io.ts'

/** Longer than the portal ever needs, shorter than a person's patience. */
const answerWithinMs = 60_000

/** Lets a waiting node read the credentials, because somebody compared its fingerprint. Works beside the running agent. */
export async function approve(
  { dataDir, fingerprint: typed }: { dataDir: string; fingerprint: string },
  { io, spawnWorker }: { io: Io; spawnWorker: () => Worker },
): Promise<void> {
  const fingerprint = readFingerprint(typed)
  if (!fingerprint)
    throw new AgentFailure(
      'key',
      `"${typed}" is no fingerprint: it has four groups of five letters and digits, and "status" prints it on the new machine`,
    )
  const agent = await openAgent(dataDir, spawnWorker)
  try {
    const name = await agent.vault.approve(fingerprint, AbortSignal.timeout(answerWithinMs)).catch(explainLog)
    io.out(
      `Node "${name}" is approved: "${agent.config.nodeName}" wrapped the vault key for it and signed that.`,
    )
  } finally {
    await agent.close()
  }
}

function explainLog(error: unknown): never {
  if (!(error instanceof MembershipError)) throw error
  throw new AgentFailure('portal', `The membership log of the portal does not hold: ${error.message}`, error)
}
