import { lookup } from 'node:dns/promises'
import { access, constants, statfs } from 'node:fs/promises'
import { connect } from 'node:net'
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { endpoints } from '../../lib/protocol/endpoints.ts'
import { productVersion } from '../../lib/protocol/version.ts'
import type { AgentContext } from '../agent-context.ts'
import { AgentFailure } from '../agent-error.ts'
import { openAgent } from '../open-agent.ts'
import { openTunnel } from '../proxy-tunnel.ts'
import { isDataDirLocked } from '../process-lock.ts'
import { readState } from '../state-file.ts'
import { findPinnedCertificate } from '../trust.ts'
import { policyPairs } from './configure.ts'
import type { Io } from './io.ts'

type Check = { name: string; run: () => Promise<string> }

/** Less free space than this is worth a word: partial files and logs need room. */
const minFreeBytes = 1024 ** 3

/** Checks the way to the portal step by step and this machine; throws where anything failed, after all were tried. */
export async function doctor(
  dataDir: string,
  { io, spawnWorker }: { io: Io; spawnWorker: () => Worker },
): Promise<void> {
  const agent = await openAgent(dataDir, spawnWorker)
  let failed = 0
  try {
    for (const { name, run } of checks(agent, dataDir)) {
      try {
        io.out(`ok      ${name.padEnd(10)} ${await run()}`)
      } catch (error) {
        failed += 1
        io.out(`FAILED  ${name.padEnd(10)} ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  } finally {
    await agent.close()
  }
  if (failed > 0) throw new AgentFailure('config', `${failed} of the checks failed`)
}

function checks(agent: AgentContext, dataDir: string): Check[] {
  const { config } = agent
  const portal = new URL(config.portalUrl)
  const proxy = config.proxyUrl === null ? null : new URL(config.proxyUrl)
  const first = proxy ?? portal
  return [
    {
      name: 'config',
      run: async () => `node "${config.nodeName}" of "${config.runtimeName}", ${config.slots} slots`,
    },
    {
      name: 'policy',
      run: async () =>
        policyPairs(config)
          .map(([name, value]) => `${name}: ${value}`)
          .join('; '),
    },
    { name: 'version', run: () => checkVersion() },
    { name: 'agent', run: () => checkAgent(dataDir) },
    { name: 'dns', run: async () => `${first.hostname} is ${(await lookup(bare(first))).address}` },
    { name: 'tcp', run: () => checkTcp(first) },
    { name: 'proxy', run: () => checkProxy(config.proxyUrl, portal) },
    { name: 'tls', run: () => checkTls(agent) },
    { name: 'signature', run: () => checkSignature(agent) },
    { name: 'vault', run: () => checkVault(agent) },
    { name: 'disk', run: () => checkDisk(dataDir) },
    ...config.allowedFolders.map((folder) => ({ name: 'folder', run: () => checkFolder(folder) })),
  ]
}

async function checkVersion(): Promise<string> {
  return `agent ${productVersion} on Node ${process.versions.node}`
}

async function checkAgent(dataDir: string): Promise<string> {
  const state = await readState(dataDir)
  if (!state || !(await isDataDirLocked(dataDir))) return 'not running now; start it with "run"'
  return `running as process ${state.pid}, last answer of the portal ${state.lastAnswerAt ?? 'none yet'}`
}

async function checkTcp(url: URL): Promise<string> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const socket = connect({ host: bare(url), port, timeout: 10_000 })
  socket.once('timeout', () =>
    socket.destroy(new Error(`${url.hostname}:${port} did not answer within 10 s`)),
  )
  await once(socket, 'connect')
  socket.destroy()
  return `${url.hostname}:${port} answers`
}

async function checkProxy(proxyUrl: string | null, portal: URL): Promise<string> {
  if (proxyUrl === null) return 'none is set'
  const socket = await openTunnel(proxyUrl, portal)
  socket.destroy()
  return `${new URL(proxyUrl).host} connects to ${portal.host}`
}

async function checkTls({ config }: AgentContext): Promise<string> {
  if (config.portalUrl.startsWith('http:')) return 'not used: the portal is on this machine'
  if (config.portalFingerprint === null) return 'verified by the public authorities of this machine'
  await findPinnedCertificate(config.portalUrl, config.portalFingerprint, config.proxyUrl)
  return `the pinned certificate is shown (${config.portalFingerprint.slice(0, 16)}…)`
}

/** A heartbeat about nothing: signed, and without effect on the running agent. */
async function checkSignature({ call }: AgentContext): Promise<string> {
  const before = Date.now()
  await call(endpoints.heartbeat, { tasks: [] })
  return `the portal knows this node's signature (${Date.now() - before} ms)`
}

async function checkVault({ vault }: AgentContext): Promise<string> {
  if (vault.generation() === 0)
    throw new Error(
      vault.isStrict()
        ? 'not admitted yet: the runtime is strict. Run "approve" with the fingerprint of this node ("status" prints it) on the machine of a node that is admitted'
        : 'not admitted yet: another node of the runtime must be online',
    )
  return `generation ${vault.generation()}`
}

async function checkDisk(dataDir: string): Promise<string> {
  const { bavail, bsize } = await statfs(dataDir)
  const free = bavail * bsize
  const text = `${Math.floor(free / 1024 ** 2)} MiB free at ${dataDir}`
  if (free < minFreeBytes) throw new Error(`only ${text}`)
  return text
}

async function checkFolder(folder: string): Promise<string> {
  await access(folder, constants.R_OK | constants.X_OK).catch((cause: unknown) => {
    throw new Error(`${folder} cannot be read by this user`, { cause })
  })
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
  return `${folder} can be read${writable ? ' and written' : ', not written'}`
}

function bare(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}
