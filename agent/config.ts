import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { Hex, Id } from '../lib/protocol/scalars.ts'
import { AgentFailure } from './agent-error.ts'
import { hostRuleWords, isHostRule } from './host-rule.ts'
import { readFileIfThere, writePrivateFile } from './files.ts'

/** What this machine's owner decided, in `config.json` of the data folder. The portal cannot change any of it. */
export const AgentConfig = z.object({
  portalUrl: z
    .url({ protocol: /^https?$/ })
    .refine(isSafePortal, 'must be https:// (http:// only to this machine itself)'),
  /** SHA-256 of the public key of the portal's authority or certificate; null: the public authorities of this machine. */
  portalFingerprint: Hex.length(64).nullable(),
  /** The certificate that the fingerprint named, kept at registration. */
  portalCertificate: z.string().nullable(),
  nodeId: Id,
  nodeName: z.string(),
  runtimeId: Id,
  runtimeName: z.string(),
  factoryName: z.string(),
  slots: z.number().int().min(1).max(256),
  /** Folders that File system stores may open; nothing outside them. */
  allowedFolders: z.array(z.string().refine(isAbsolute, 'must be a full path')),
  /** Hosts that all other stores may be reached at; empty: any but those that no rule opens (host-policy.ts). */
  allowedHosts: z.array(z.string().refine(isHostRule, hostRuleWords)).default([]),
  /** `http://[user:password@]host:port`, where the portal is reached through a proxy. */
  proxyUrl: z.url({ protocol: /^https?$/ }).nullable(),
  /** How long a stopping node lets its copies go on before it hands them back. */
  drainSeconds: z.number().int().min(0).max(86_400),
  /** Age at which the node rotates its keys by itself; 0: never. */
  rotateKeysDays: z.number().int().min(0).max(3650).default(90),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']),
})
export type AgentConfig = z.infer<typeof AgentConfig>

const fileName = 'config.json'

export async function readConfig(dataDir: string): Promise<AgentConfig | null> {
  const path = join(dataDir, fileName)
  const text = await readFileIfThere(path)
  if (text === null) return null
  const parsed = AgentConfig.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || 'file'}: ${issue.message}`)
  throw new AgentFailure('config', `Cannot use ${path}:\n${problems.join('\n')}`)
}

/** The configuration of a registered node; says how to register where there is none. */
export async function requireConfig(dataDir: string): Promise<AgentConfig> {
  const config = await readConfig(dataDir)
  if (config) return config
  throw new AgentFailure(
    'config',
    `This machine is not registered: there is no ${fileName} in ${dataDir}. Run "register" with an enrolment link or an authentication key first`,
  )
}

export function writeConfig(dataDir: string, config: AgentConfig): Promise<void> {
  return writePrivateFile(join(dataDir, fileName), `${JSON.stringify(config, null, 2)}\n`)
}

/** Plain HTTP would show every signature and name to the network: only the machine itself is excepted (blueprint, section 2). */
export function isSafePortal(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
