import type { StoreRef } from '../../lib/protocol/stores.ts'
import { StoreSecret } from '../../lib/protocol/stores.ts'
import { endpoints } from '../../lib/protocol/endpoints.ts'
import { credentialContext, open } from '../../lib/protocol/sealing.ts'
import type { CredentialContext, VaultState } from '../../lib/protocol/vault.ts'
import type { Vault } from '../agent-context.ts'
import type { Call } from '../client.ts'
import { TaskFailure } from '../copy/failure.ts'
import type { Identity } from '../identity.ts'
import type { Log } from '../log.ts'
import { unwrap } from './generation-keys.ts'
import { emptyMembership, follow, type Membership } from './membership.ts'
import { readVaultFile, type KeptCredential, type VaultFile, writeVaultFile } from './vault-file.ts'
import { doVaultWork } from './vault-work.ts'

export type VaultOptions = {
  dataDir: string
  nodeId: string
  runtimeId: string
  identity: Identity
  call: Call
  log: Log
  /** Blanks a value out of every later log line. */
  hide: (secret: string) => void
}
/** What this node holds, as one value: replaced whole after every change that it accepted. */
export type Holding = { file: VaultFile; membership: Membership }

/** Work may follow from work (found, then admit, then rotate): so many rounds of one synchronisation are plenty. */
const maxRounds = 8

/** The node's part of the vault: remembers the signed log, judges newcomers, opens what is sealed (blueprint, section 7). */
export async function createVault(options: VaultOptions): Promise<Vault> {
  const { dataDir, runtimeId } = options
  const file = await readVaultFile(dataDir)
  let holding: Holding = { file, membership: file.log.reduce(follow, emptyMembership(runtimeId)) }
  let syncing: Promise<void> = Promise.resolve()

  const keyOf = (generation: number) => generationKey(options, holding, generation)
  const pull = async (signal: AbortSignal): Promise<VaultState> => {
    const answer = await options.call(
      endpoints.vault,
      { op: 'pull', logFrom: holding.membership.seq, credentialsSince: holding.file.vaultVersion },
      signal,
    )
    if (answer.op !== 'state') throw new Error('The portal answered a pull of the vault with something else')
    holding = merge(holding, answer.state, options)
    await writeVaultFile(dataDir, holding.file)
    return answer.state
  }
  const sync = async (signal: AbortSignal) => {
    for (let round = 0; round < maxRounds; round += 1) {
      const state = await pull(signal)
      await reportReady(options, { holding, keyOf, signal })
      if (!(await doVaultWork(options, { holding, keyOf, work: state.work, signal }))) return
    }
  }
  return {
    version: () => holding.file.vaultVersion,
    generation: () => holding.file.wraps.reduce((newest, { generation }) => Math.max(newest, generation), 0),
    sync: (signal) => {
      syncing = syncing.catch(() => {}).then(() => sync(signal))
      return syncing
    },
    async secretFor(store) {
      if (store.credentialVersion === 0) return null
      const context = { ...contextOf(store), runtimeId }
      const secret = await openCredential(holding.file.credentials, { context, keyOf })
      options.hide(Object.values(secret).at(-1) ?? '')
      return secret
    },
  }
}

/** What the portal sent, taken in where it holds. Throws `BrokenLog` and keeps the old state where the log does not. */
function merge({ file, membership }: Holding, state: VaultState, { nodeId, log }: VaultOptions): Holding {
  const credentials = new Map(file.credentials.map((kept) => [kept.sealed.linkedServiceId, kept]))
  for (const id of state.removedCredentialIds) credentials.delete(id)
  for (const offered of state.credentials) {
    const kept = credentials.get(offered.sealed.linkedServiceId)
    if (kept && isOlder(offered, kept))
      log.warn(
        { linkedServiceId: offered.sealed.linkedServiceId },
        'the portal offered an older credential: refused',
      )
    else credentials.set(offered.sealed.linkedServiceId, offered)
  }
  const wraps = new Map(file.wraps.map((wrap) => [wrap.generation, wrap]))
  for (const wrap of state.wraps)
    if (wrap.nodeId === nodeId && !wraps.has(wrap.generation)) wraps.set(wrap.generation, wrap)
  return {
    membership: state.log.reduce(follow, membership),
    file: {
      vaultVersion: state.vaultVersion,
      strict: file.strict || state.admission === 'strict',
      log: [...file.log, ...state.log],
      wraps: [...wraps.values()],
      credentials: [...credentials.values()],
    },
  }
}

function isOlder(offered: KeptCredential, kept: KeptCredential): boolean {
  const { version, generation } = offered.sealed
  return (
    version < kept.sealed.version || (version === kept.sealed.version && generation < kept.sealed.generation)
  )
}

async function generationKey(
  options: VaultOptions,
  { file, membership }: Holding,
  generation: number,
): Promise<string | null> {
  const wrap = file.wraps.find((kept) => kept.generation === generation)
  const named = membership.generations.find((one) => one.generation === generation)
  if (!wrap || !named) return null
  const { vaultPrivateKey } = options.identity
  return unwrap(wrap, { runtimeId: options.runtimeId, vaultPrivateKey, publicKey: named.publicKey })
}

type KeyOf = (generation: number) => Promise<string | null>

/** Tells the portal which credentials this node has opened for real: it is given tasks only for these. */
async function reportReady(
  options: VaultOptions,
  { holding, keyOf, signal }: { holding: Holding; keyOf: KeyOf; signal: AbortSignal },
): Promise<void> {
  const { credentials, wraps } = holding.file
  if (wraps.length === 0) return
  const opened: { linkedServiceId: string; version: number }[] = []
  const failed: { linkedServiceId: string; version: number; reason: string }[] = []
  for (const { sealed, context } of credentials) {
    const { linkedServiceId, version } = sealed
    try {
      await openCredential(credentials, { context, keyOf })
      opened.push({ linkedServiceId, version })
    } catch (error) {
      failed.push({
        linkedServiceId,
        version,
        reason: error instanceof Error ? error.message.slice(0, 500) : 'unknown',
      })
    }
  }
  const generation = Math.max(...wraps.map((wrap) => wrap.generation))
  await options.call(endpoints.vault, { op: 'ready', generation, opened, failed }, signal)
}

/** Opens the credential that the context names; throws `credential_unavailable` for any other address or version. */
async function openCredential(
  credentials: readonly KeptCredential[],
  { context, keyOf }: { context: CredentialContext; keyOf: KeyOf },
): Promise<StoreSecret> {
  const kept = credentials.find(({ sealed }) => sealed.linkedServiceId === context.linkedServiceId)
  if (kept?.sealed.version !== context.version)
    throw unavailable(
      `it holds version ${kept?.sealed.version ?? 'none'}, version ${context.version} is asked for`,
    )
  const privateKey = await keyOf(kept.sealed.generation)
  if (privateKey === null)
    throw unavailable(`it was not admitted to generation ${kept.sealed.generation} of the vault`)
  try {
    const plain = await open({ privateKey, purpose: 'credential' }, credentialContext(context), kept.sealed)
    return StoreSecret.parse(JSON.parse(new TextDecoder().decode(plain)))
  } catch {
    throw unavailable('it was sealed for another address or changed on the way. Enter the secret again')
  }
}

function contextOf({ linkedServiceId, credentialVersion, address, runtimeId }: StoreRef): CredentialContext {
  return { runtimeId, linkedServiceId, version: credentialVersion, address }
}

function unavailable(why: string): TaskFailure {
  return new TaskFailure('credential_unavailable', `This node cannot open the credential: ${why}`, {
    side: 'node',
  })
}
