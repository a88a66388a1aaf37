import { endpoints } from '../../lib/protocol/endpoints.ts'
import { followLog, MembershipError, noMembership } from '../../lib/protocol/membership.ts'
import type { VaultRequest } from '../../lib/protocol/vault.ts'
import type { Vault } from '../agent-context.ts'
import type { Call } from '../client.ts'
import type { Identity } from '../identity.ts'
import type { Keyring } from '../keyring.ts'
import type { Log } from '../log.ts'
import { approveNewcomer } from './approve.ts'
import { findCredential, openCredential } from './credentials.ts'
import { unwrap } from './generation-keys.ts'
import { rotateKeys } from './rekey.ts'
import { createReporter } from './ready.ts'
import { type Holding, takeIn } from './take-in.ts'
import { readVaultFile, writeVaultFile } from './vault-file.ts'
import { doVaultWork } from './vault-work.ts'

export type VaultOptions = {
  dataDir: string
  nodeId: string
  runtimeId: string
  keyring: Keyring
  call: Call
  log: Log
  /** Blanks a value out of every later log line. */
  hide: (secret: string) => void
}

/** Work may follow from work (found, then admit, then rotate): so many rounds of one synchronisation are plenty. */
const maxRounds = 100

/** The node's part of the vault: remembers the signed log, judges newcomers, opens what is sealed (blueprint, section 7). */
export async function createVault(options: VaultOptions): Promise<Vault> {
  const { dataDir, runtimeId, log } = options
  const file = await readVaultFile(dataDir)
  let holding: Holding = { file, membership: await followLog(noMembership, file.log, runtimeId) }
  let syncing: Promise<void> = Promise.resolve()

  const keyOf = (generation: number) => generationKey(options, holding, generation)
  const report = createReporter(options, keyOf)
  const say = async (request: VaultRequest, signal: AbortSignal) =>
    options.call(endpoints.vault, request, signal)
  const pull = async (signal: AbortSignal) => {
    const { membership, file: kept } = holding
    const answer = await say(
      {
        op: 'pull',
        logFrom: Math.max(0, membership.seq - 1),
        credentialsSince: kept.vaultVersion,
        credentialIds: kept.credentials.map(({ sealed }) => sealed.linkedServiceId),
      },
      signal,
    )
    if (answer.op !== 'state') throw new Error('The portal answered a pull of the vault with something else')
    holding = await takeIn(holding, answer.state, options)
    return answer.state
  }
  const sync = async (signal: AbortSignal) => {
    try {
      for (let round = 0; round < maxRounds; round += 1) {
        const { work } = await pull(signal)
        await writeVaultFile(dataDir, holding.file)
        await report(holding, signal)
        if (!(await doVaultWork(options, { holding, keyOf, signal }, work))) return
      }
    } catch (error) {
      if (!(error instanceof MembershipError)) throw error
      const reason = `The membership log of the portal does not hold: ${error.message}`
      log.error({ reason }, 'the vault stays as this node remembers it')
      await say({ op: 'fault', reason: reason.slice(0, 500) }, signal)
      throw error
    }
  }
  return {
    version: () => holding.file.vaultVersion,
    generation: () => holding.file.wraps.reduce((newest, { generation }) => Math.max(newest, generation), 0),
    isStrict: () => holding.file.strict || holding.membership.strict,
    sync: (signal) => {
      syncing = syncing.catch(() => {}).then(() => sync(signal))
      return syncing
    },
    approve: (fingerprint, signal) =>
      approveNewcomer(options, fingerprint, async () => {
        // Not kept: the running agent owns the file, and this may be another process beside it.
        await pull(signal)
        return { holding, keyOf, signal }
      }),
    rekey: (signal) => {
      const rotation = syncing
        .catch(() => {})
        .then(() =>
          rotateKeys(options, async () => {
            await pull(signal)
            await writeVaultFile(dataDir, holding.file)
            return { holding, keyOf, signal }
          }),
        )
      syncing = rotation
      return rotation
    },
    async secretFor(store) {
      if (store.credentialVersion === 0) return null
      const secret = await openCredential(findCredential(holding.file.credentials, store), keyOf)
      for (const value of Object.values(secret)) options.hide(value)
      return secret
    },
  }
}

async function generationKey(
  options: VaultOptions,
  { file, membership }: Holding,
  generation: number,
): Promise<string | null> {
  const wrap = file.wraps.find((kept) => kept.generation === generation)
  const publicKey = membership.publicKeys[generation - 1]
  if (!wrap || publicKey === undefined) return null
  const { runtimeId, keyring } = options
  const tried = new Set<Identity>()
  for (;;) {
    const failures: unknown[] = []
    for (const identity of keyring.known.filter((one) => !tried.has(one))) {
      tried.add(identity)
      const { vaultPrivateKey } = identity
      const opened = await unwrap(wrap, { runtimeId, vaultPrivateKey, publicKey }).catch(
        (error: unknown) => void failures.push(error),
      )
      if (opened !== undefined) return opened
    }
    // Another process may have rotated the keys since this one read them.
    await keyring.reload()
    if (keyring.known.every((one) => tried.has(one))) throw failures.at(-1)
  }
}
