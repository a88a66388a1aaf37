import type { KeyObject } from 'node:crypto'
import { ed25519Key } from '@/lib/auth/node-signature'

/** As many nodes as one portal process is meant to carry. */
const kept = 20_000

/**
 * Signing keys of nodes that this process has met, so that a signature is checked before the database is asked anything.
 * What counts is the key that the database has at this moment: who uses this one compares it afterwards.
 */
export class KnownKeys {
  readonly #keys = new Map<string, { raw: string; key: KeyObject }>()

  get(nodeId: string): { raw: string; key: KeyObject } | undefined {
    return this.#keys.get(nodeId)
  }

  learn(nodeId: string, raw: string): void {
    const [oldest] = this.#keys.keys()
    if (this.#keys.size >= kept && oldest !== undefined) this.#keys.delete(oldest)
    this.#keys.set(nodeId, { raw, key: ed25519Key(raw) })
  }

  forget(nodeId: string): void {
    this.#keys.delete(nodeId)
  }
}
