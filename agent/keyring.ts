import { join } from 'node:path'
import type { OtherKey } from './client.ts'
import { adoptNextKeys, type Identity, makeNextKeys, readIdentities } from './identity.ts'
import { lockDataDir } from './process-lock.ts'

/**
 * The keys of this node while they rotate: the present ones, and the next ones from the moment that they lie on the disk.
 * What a process has once known it keeps, because another process on this machine may have done the rotation.
 */
export class Keyring {
  readonly #dataDir: string
  #known: readonly Identity[]
  #preferred: Identity
  #underWay = false

  private constructor(dataDir: string, known: readonly [Identity, ...Identity[]]) {
    this.#dataDir = dataDir
    this.#known = known
    this.#preferred = known[0]
  }

  /** Null where this folder has no keys. */
  static async open(dataDir: string): Promise<Keyring | null> {
    const kept = await readIdentities(dataDir)
    if (!kept) return null
    const keyring = new Keyring(dataDir, [kept.current])
    await keyring.reload()
    return keyring
  }

  /** Those that the portal took last. */
  get preferred(): Identity {
    return this.#preferred
  }

  get known(): readonly Identity[] {
    return this.#known
  }

  /** Next keys lie on the disk beside the present ones. */
  get isUnderWay(): boolean {
    return this.#underWay
  }

  /** What the folder says now. */
  async reload(): Promise<void> {
    const kept = await readIdentities(this.#dataDir)
    this.#underWay = (kept?.next ?? null) !== null
    for (const identity of kept ? [kept.current, kept.next] : []) if (identity) this.#learn(identity)
  }

  /** For a request that the portal refused: it may know this node by another key already, or not yet. */
  async otherKeys(): Promise<OtherKey[]> {
    await this.reload()
    return this.#known
      .filter(({ signingKey }) => signingKey !== this.#preferred.signingKey)
      .map((identity) => ({ sign: identity.sign, accepted: () => this.prefer(identity) }))
  }

  prefer(identity: Identity): void {
    this.#preferred = identity
  }

  /** The next keys; made and kept on the disk before anybody hears of them, and the same ones until they are adopted. */
  async prepareNext(): Promise<Identity> {
    const next = await makeNextKeys(this.#dataDir)
    this.#underWay = true
    this.#learn(next)
    return next
  }

  /** From now on the next keys are the only ones on the disk. */
  async adoptNext(next: Identity): Promise<void> {
    await adoptNextKeys(this.#dataDir)
    this.#underWay = false
    this.prefer(next)
  }

  /** One rotation at a time on this machine: two would each make keys of their own. */
  async whileLocked<Result>(work: () => Promise<Result>): Promise<Result> {
    const lock = await lockDataDir(join(this.#dataDir, 'keys'))
    try {
      return await work()
    } finally {
      await lock.release()
    }
  }

  #learn(identity: Identity): void {
    if (!this.#known.some(({ signingKey }) => signingKey === identity.signingKey))
      this.#known = [...this.#known, identity]
  }
}
