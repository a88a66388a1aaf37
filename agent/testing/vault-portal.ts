import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type {
  CredentialContext,
  MembershipEntry,
  VaultNewcomer,
  VaultRequest,
  VaultState,
  VaultWork,
  VaultWrap,
} from '../../lib/protocol/vault.ts'
import type { SealedCredential, StoreAddress, StoreRef, StoreSecret } from '../../lib/protocol/stores.ts'
import { sealCredential } from '../../lib/protocol/browser-side.ts'
import { endpoints } from '../../lib/protocol/endpoints.ts'
import type { Vault } from '../agent-context.ts'
import type { Call } from '../client.ts'
import { ensureIdentity, type Identity } from '../identity.ts'
import { Keyring } from '../keyring.ts'
import { createVault } from '../vault/vault.ts'

export type VaultNode = {
  nodeId: string
  identity: Identity
  vault: Vault
  dataDir: string
  hidden: string[]
}
type Said = Extract<VaultRequest, { op: 'ready' | 'refuse' | 'fault' }> & { nodeId: string }

/** The portal's half of one runtime's vault, in memory, obedient or hostile as the test wants it. */
export class VaultPortal {
  readonly runtimeId = randomUUID()
  admission: VaultState['admission'] = 'standard'
  version = 1
  log: MembershipEntry[] = []
  wraps: VaultWrap[] = []
  credentials: { sealed: SealedCredential; context: CredentialContext }[] = []
  /** Handed to the next node that pulls. */
  work: VaultWork[] = []
  /** Who waits, as the portal tells it to a person at a member's machine. */
  newcomers: VaultNewcomer[] = []
  /** Cuts the connection: before or after an append is stored, or after the first pull that follows a rekey. */
  lose: 'append' | 'appended' | 'used' | undefined
  /** What nodes reported. */
  readonly said: Said[] = []
  readonly #folders: string[] = []

  async node(): Promise<VaultNode> {
    const dataDir = await mkdtemp(join(tmpdir(), 'sallyport-vault-'))
    this.#folders.push(dataDir)
    const identity = await ensureIdentity(dataDir)
    return await this.open({ nodeId: randomUUID(), identity, dataDir })
  }

  /** A node as its process finds it at the start: from its disk. */
  async open({
    nodeId,
    identity,
    dataDir,
  }: Pick<VaultNode, 'nodeId' | 'identity' | 'dataDir'>): Promise<VaultNode> {
    const hidden: string[] = []
    const keyring = await Keyring.open(dataDir)
    if (!keyring) throw new Error('The identity of the node lies in its folder')
    const vault = await createVault({
      dataDir,
      nodeId,
      runtimeId: this.runtimeId,
      keyring,
      call: this.#callFor(nodeId),
      log: pino({ level: 'silent' }),
      hide: (secret) => hidden.push(secret),
    })
    return { nodeId, identity, dataDir, vault, hidden }
  }

  get publicKey(): string {
    const keys = this.log.flatMap(({ body: { change } }) => ('publicKey' in change ? [change.publicKey] : []))
    return keys.at(-1) ?? ''
  }

  get generation(): number {
    return this.log.filter(({ body }) => 'publicKey' in body.change).length
  }

  /** What the browser does when a secret is typed. */
  async save(address: StoreAddress, secret: StoreSecret, version = 1): Promise<StoreRef> {
    const linkedServiceId = this.credentials[0]?.context.linkedServiceId ?? randomUUID()
    const context = { runtimeId: this.runtimeId, linkedServiceId, version, address }
    const vault = { generation: this.generation, publicKey: this.publicKey }
    this.credentials = [{ context, sealed: await sealCredential(vault, context, secret) }]
    this.version += 1
    const { runtimeId } = this
    return { linkedServiceId, linkedServiceName: 'store', runtimeId, address, credentialVersion: version }
  }

  async removeFolders(): Promise<void> {
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })))
  }

  #callFor(nodeId: string): Call {
    return async (endpoint, body) => {
      if (endpoint.path !== endpoints.vault.path) throw new Error('The vault speaks to its own endpoint only')
      const request = endpoints.vault.request.parse(body)
      if (this.lose === 'append' && request.op === 'append') throw new Error('The request was lost')
      const isRekeyed = this.log.at(-1)?.body.change.op === 'rekey'
      const answer = endpoints.vault.response.parse(this.#answer(nodeId, request))
      if (this.lose === 'appended' && request.op === 'append') throw new Error('The answer was lost')
      if (this.lose === 'used' && isRekeyed) throw new Error('The answer was lost')
      return endpoint.response.parse(answer)
    }
  }

  #answer(nodeId: string, request: VaultRequest) {
    if (request.op === 'pull') return { op: 'state', state: this.#state(nodeId, request) }
    if (request.op === 'newcomers') return { op: 'newcomers', newcomers: this.newcomers }
    if (request.op !== 'append') {
      this.said.push({ ...request, nodeId })
      return { op: 'noted' }
    }
    this.log.push(request.entry)
    const renewed = new Set(request.wraps.map(({ nodeId: of, generation }) => `${of}/${generation}`))
    this.wraps = this.wraps.filter(({ nodeId: of, generation }) => !renewed.has(`${of}/${generation}`))
    this.wraps.push(...request.wraps)
    this.credentials = this.credentials.map((kept) => ({
      ...kept,
      sealed:
        request.resealed.find((anew) => anew.linkedServiceId === kept.sealed.linkedServiceId) ?? kept.sealed,
    }))
    this.version += 1
    return { op: 'appended', vaultVersion: String(this.version) }
  }

  #state(nodeId: string, request: Extract<VaultRequest, { op: 'pull' }>): VaultState {
    const alive = new Set(this.credentials.map(({ sealed }) => sealed.linkedServiceId))
    return {
      vaultVersion: String(this.version),
      admission: this.admission,
      log: this.log.filter(({ body }) => body.seq > request.logFrom),
      wraps: this.wraps.filter((wrap) => wrap.nodeId === nodeId),
      credentials: this.credentials,
      removedCredentialIds: request.credentialIds.filter((id) => !alive.has(id)),
      work: this.work.splice(0),
    }
  }
}
