import type { Worker } from 'node:worker_threads'
import type { AgentContext } from './agent-context.ts'
import { AgentFailure } from './agent-error.ts'
import { createClient } from './client.ts'
import { type AgentConfig, requireConfig } from './config.ts'
import { SnapshotHolder } from './copy/snapshot-holder.ts'
import { Keyring } from './keyring.ts'
import { createLog } from './log.ts'
import { openTransport } from './transport.ts'
import { createVault } from './vault/vault.ts'

/** What a registered node needs to talk to its portal. */
export async function openAgent(
  dataDir: string,
  spawnWorker: () => Worker,
): Promise<AgentContext & { close(): Promise<void> }> {
  const config = await requireConfig(dataDir)
  const keyring = await Keyring.open(dataDir)
  if (!keyring)
    throw new AgentFailure(
      'config',
      `The keys of this node are missing from ${dataDir}: restore the folder, or remove the node in the portal and register again`,
    )
  const dispatcher = openTransport(config)
  const { log, hide } = createLog(config.logLevel)
  const call = createClient({
    portalUrl: config.portalUrl,
    keyId: config.nodeId,
    sign: (bytes) => keyring.preferred.sign(bytes),
    otherKeys: () => keyring.otherKeys(),
    dispatcher,
  })
  const vault = await createVault({
    dataDir,
    nodeId: config.nodeId,
    runtimeId: config.runtimeId,
    keyring,
    call,
    log,
    hide,
  })
  return {
    config: config satisfies AgentConfig,
    call,
    log,
    vault,
    keyring,
    snapshots: new SnapshotHolder(),
    random: Math.random,
    spawnWorker,
    close: () => dispatcher.close(),
  }
}
