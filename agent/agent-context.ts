import type { Worker } from 'node:worker_threads'
import type { StoreRef, StoreSecret } from '../lib/protocol/stores.ts'
import type { Call } from './client.ts'
import type { AgentConfig } from './config.ts'
import type { SnapshotHolder } from './copy/snapshot-holder.ts'
import type { Keyring } from './keyring.ts'
import type { Log } from './log.ts'

/** What opens credentials; made by `createVault`. */
export type Vault = {
  /** Of the state this node has pulled; the poll compares it with the portal's. */
  version(): string
  generation(): number
  /** Only a link's proof or a person's approval admits. */
  isStrict(): boolean
  sync(signal: AbortSignal): Promise<void>
  /** Admits the newcomer whose keys have this fingerprint, on the word of the person at this machine; answers its name. */
  approve(fingerprint: string, signal: AbortSignal): Promise<string>
  /** Gives the node new keys, in two phases; begun again after whatever cut it short, it goes on where it was. */
  rekey(signal: AbortSignal): Promise<void>
  secretFor(store: StoreRef): Promise<StoreSecret | null>
}

/** Everything the parts of a running agent depend on. */
export type AgentContext = {
  config: AgentConfig
  call: Call
  log: Log
  vault: Vault
  keyring: Keyring
  snapshots: SnapshotHolder
  /** From 0 to 1: jitter. */
  random: () => number
  /** Starts a worker thread out of the agent's own file. */
  spawnWorker: () => Worker
}
