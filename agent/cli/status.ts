import { keyFingerprint } from '../../lib/protocol/fingerprint.ts'
import { AgentFailure } from '../agent-error.ts'
import { requireConfig } from '../config.ts'
import { readIdentities } from '../identity.ts'
import { isDataDirLocked } from '../process-lock.ts'
import { type AgentState, readState } from '../state-file.ts'
import { policyPairs } from './configure.ts'
import { type Io, printPairs } from './io.ts'

/** Longer silence of the state file than this means that the agent hangs or is stopped. */
const staleMs = 15_000

/** Prints what the agent on this machine does; throws where it does not run, so that the exit code tells. */
export async function status(dataDir: string, io: Io): Promise<void> {
  const config = await requireConfig(dataDir)
  const identities = await readIdentities(dataDir)
  const identity = identities?.current
  const state = await readState(dataDir)
  const fresh = state !== null && Date.now() - Date.parse(state.updatedAt) < staleMs
  const running = fresh && (await isDataDirLocked(dataDir))
  printPairs(io, [
    ['node', config.nodeName],
    ['integration runtime', `${config.runtimeName} of factory ${config.factoryName}`],
    ['portal', config.portalUrl],
    ['agent', running ? `running since ${state.startedAt} (process ${state.pid})` : 'not running'],
    ['last answer', state?.lastAnswerAt ?? 'none yet'],
    ['last error', state?.lastError ?? 'none'],
    ['wish of the portal', state?.wish ?? 'unknown'],
    ['fingerprint', identity ? await keyFingerprint(identity) : 'none: the keys are missing'],
    ['keys made', keyWords(identities)],
    ['vault', vaultWords(state)],
    ['slots', String(config.slots)],
    ...policyPairs(config),
  ])
  for (const task of running ? state.tasks : [])
    io.out(`task ${task.taskId}  ${task.kind}  ${task.phase}  ${task.rows} rows  ${task.bytes} bytes`)
  if (!running)
    throw new AgentFailure('config', 'The agent is not running on this machine. Start it with "run"')
}

function keyWords(identities: Awaited<ReturnType<typeof readIdentities>>): string {
  const made = identities?.current.madeAt?.toISOString() ?? 'at an unknown time'
  return identities?.next ? `${made}; a rotation to new ones was begun and goes on by itself` : made
}

function vaultWords(state: AgentState | null): string {
  if (state && state.vaultGeneration > 0)
    return `generation ${state.vaultGeneration}${state.vaultStrict ? ', strict' : ''}`
  if (!state?.vaultStrict) return 'not admitted yet'
  return 'not admitted yet: the runtime is strict. Compare the fingerprint above, then run "approve" with it on the machine of a node that is admitted'
}
