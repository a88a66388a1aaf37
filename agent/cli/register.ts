import { createHmac, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import {
  authKeyPattern,
  enrolmentTokenPattern,
  newcomerProofText,
  type NodePolicy,
  type RegisterRequest,
} from '../../lib/protocol/enrolment.ts'
import { endpoints } from '../../lib/protocol/endpoints.ts'
import { keyFingerprint } from '../../lib/protocol/fingerprint.ts'
import { AgentFailure } from '../agent-error.ts'
import { type Call, createClient, networkFailure, Refusal } from '../client.ts'
import { type AgentConfig, isSafePortal, readConfig, writeConfig } from '../config.ts'
import { ensureIdentity, type Identity } from '../identity.ts'
import { capabilities, createResourceMeter, describeMachine } from '../machine.ts'
import { openTransport, type Reach } from '../transport.ts'
import { noFingerprint } from '../../lib/protocol/browser-side.ts'
import { openTunnel } from '../proxy-tunnel.ts'
import { findPinnedCertificate } from '../trust.ts'
import type { Io } from './io.ts'

export type RegisterOptions = {
  dataDir: string
  portal?: string | undefined
  key?: string | undefined
  token?: string | undefined
  secretFile?: string | undefined
  caFingerprint?: string | undefined
  name?: string | undefined
  slots: number
  allowFolder: string[]
  allowHost: string[]
  proxy?: string | undefined
  drainSeconds: number
  rotateKeysDays: number
}

/** Registers this machine; resolves only after the first signed poll was answered (blueprint, section 5). */
export async function register(given: RegisterOptions, io: Io): Promise<void> {
  const options = await withSecretFile(given)
  const existing = await readConfig(options.dataDir)
  if (existing)
    throw new AgentFailure(
      'config',
      `This machine is registered already as "${existing.nodeName}" of "${existing.runtimeName}". Run "unregister" first, or give another --data-dir`,
    )
  const { portalUrl, fingerprint } = readCredential(options)
  const identity = await ensureIdentity(options.dataDir)
  const reach = await pinPortal(portalUrl, { fingerprint, proxyUrl: options.proxy ?? null })
  const dispatcher = openTransport(reach)
  try {
    const newcomer = createClient({ portalUrl, keyId: identity.signingKey, sign: identity.sign, dispatcher })
    const answer = await said(newcomer(endpoints.register, registration(options, identity)))
    const config: AgentConfig = {
      portalUrl,
      ...reach,
      ...pick(answer),
      slots: options.slots,
      ...policyOf(options),
      drainSeconds: options.drainSeconds,
      rotateKeysDays: options.rotateKeysDays,
      logLevel: 'info',
    }
    // Registering again with the same keys answers the same node, so a failed first poll costs nothing but another try.
    const node = createClient({ portalUrl, keyId: config.nodeId, sign: identity.sign, dispatcher })
    await said(firstPoll(node, options.slots))
    await writeConfig(options.dataDir, config)
    io.out(
      `Registered node "${config.nodeName}" with integration runtime "${config.runtimeName}" of factory "${config.factoryName}".`,
    )
    io.out(`Fingerprint of its keys: ${await keyFingerprint(identity)}`)
    io.out(`The portal answered its first poll. Start it with: run --data-dir ${options.dataDir}`)
  } finally {
    await dispatcher.close()
  }
}

/** What stands on a command line can be read by every user of the machine; what stands in a file cannot. */
async function withSecretFile(options: RegisterOptions): Promise<RegisterOptions> {
  const { secretFile } = options
  if (secretFile === undefined) return options
  const secret = (await readFile(secretFile === '-' ? '/dev/stdin' : secretFile, 'utf8')).trim()
  return secret.startsWith('irj1.') ? { ...options, token: secret } : { ...options, key: secret }
}

function readCredential({ key, token, portal, caFingerprint }: RegisterOptions): {
  portalUrl: string
  fingerprint: string
} {
  if ((key === undefined) === (token === undefined))
    throw new AgentFailure(
      'config',
      'Give either --token (from an enrolment link), --key (an authentication key) or --secret-file (with one of them)',
    )
  const match = token === undefined ? authKeyPattern.exec(key ?? '') : enrolmentTokenPattern.exec(token)
  if (!match)
    throw new AgentFailure(
      'key',
      token === undefined
        ? 'The authentication key is not complete: it begins with IR@ and ends with ='
        : 'The enrolment token is not complete: it begins with irj1. and has five parts',
    )
  const portalUrl = portal ?? (token === undefined ? `https://${match[3]}` : undefined)
  if (!portalUrl) throw new AgentFailure('config', 'Give the address of the portal with --portal')
  if (!URL.canParse(portalUrl) || !isSafePortal(portalUrl))
    throw new AgentFailure(
      'config',
      `${portalUrl} is no safe portal address: use https:// (http:// only to this machine itself)`,
    )
  const fingerprint = token === undefined ? (caFingerprint ?? noFingerprint) : (match[4] ?? noFingerprint)
  return { portalUrl: new URL(portalUrl).origin, fingerprint: fingerprint.toLowerCase() }
}

async function pinPortal(
  portalUrl: string,
  { fingerprint, proxyUrl }: { fingerprint: string; proxyUrl: string | null },
): Promise<Reach> {
  // Through the proxy first: what fails behind it is then the portal's own step.
  if (proxyUrl !== null) (await openTunnel(proxyUrl, new URL(portalUrl))).destroy()
  const isPlain = new URL(portalUrl).protocol === 'http:'
  if (isPlain || fingerprint === noFingerprint)
    return { portalFingerprint: null, portalCertificate: null, proxyUrl }
  try {
    return {
      portalFingerprint: fingerprint,
      portalCertificate: await findPinnedCertificate(portalUrl, fingerprint, proxyUrl),
      proxyUrl,
    }
  } catch (error) {
    throw networkFailure(error, portalUrl)
  }
}

function registration(options: RegisterOptions, identity: Identity): RegisterRequest {
  return {
    proof: proofOf(options, identity),
    signingKey: identity.signingKey,
    vaultKey: identity.vaultKey,
    vaultKeySignature: identity.vaultKeySignature,
    nodeName:
      options.name ??
      (hostname()
        .replaceAll(/[^A-Za-z0-9._-]/g, '-')
        .slice(0, 63) ||
        'node'),
    slots: options.slots,
    machine: describeMachine(),
    capabilities,
    policy: policyOf(options),
  }
}

function policyOf({ allowFolder, allowHost }: RegisterOptions): NodePolicy {
  return { allowedFolders: allowFolder.map((folder) => resolve(folder)), allowedHosts: allowHost }
}

function proofOf({ key, token }: RegisterOptions, identity: Identity): RegisterRequest['proof'] {
  if (key !== undefined) return { by: 'authKey', authKey: key }
  const [, linkId = '', secret = '', half = ''] = enrolmentTokenPattern.exec(token ?? '') ?? []
  const text = newcomerProofText(linkId, identity.signingKey, identity.vaultKey)
  const proof = createHmac('sha256', Buffer.from(half, 'base64url')).update(text).digest('base64url')
  return { by: 'link', linkId, secret, proof }
}

async function firstPoll(call: Call, slots: number): Promise<void> {
  await call(endpoints.poll, {
    slots: { total: slots, free: 0 },
    interactiveFree: 0,
    running: [],
    resources: await createResourceMeter()(),
    incarnation: randomUUID(),
    vaultVersion: '0',
    holdMs: 0,
  })
}

/** A refusal in the words of the person who registers. */
async function said<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'clock_skew')
      throw new AgentFailure(
        'clock',
        `The clock of this machine differs too much from the portal's: ${error.message}`,
        error,
      )
    if (error.code === 'upgrade_required') throw new AgentFailure('version', error.message, error)
    throw new AgentFailure(
      error.status >= 500 ? 'portal' : 'key',
      `The portal refused: ${error.message}`,
      error,
    )
  }
}

function pick(answer: {
  nodeId: string
  nodeName: string
  runtimeId: string
  runtimeName: string
  factoryName: string
}) {
  const { nodeId, nodeName, runtimeId, runtimeName, factoryName } = answer
  return { nodeId, nodeName, runtimeId, runtimeName, factoryName }
}
