import { z } from 'zod'
import { taskKinds } from './task.ts'
import { Base64Url, Id } from './scalars.ts'
import { storeTypes } from './stores.ts'

/** `IR@<runtime id>@<factory>@ServiceEndpoint=<host:port>@<base64 of 32 bytes>`, the form of Data Factory (adf-and-shir.md, section 3). */
export const authKeyPattern =
  /^IR@([0-9a-f-]{36})@([A-Za-z0-9-]{3,63})@ServiceEndpoint=([^@\s]+)@([A-Za-z0-9+/]{43}=)$/
/** `irj1.<link id>.<half A>.<half B>.<SHA-256 of the portal's CA or key, hex>`; halves are 32 bytes, base64url. */
export const enrolmentTokenPattern =
  /^irj1\.([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})\.([0-9a-f]{64})$/

export const NodeMachine = z.object({
  hostName: z.string().min(1).max(253),
  platform: z.string().max(64),
  arch: z.string().max(32),
  osRelease: z.string().max(128),
  cpuCount: z.number().int().positive(),
  memoryTotalBytes: z.string().regex(/^\d{1,20}$/),
  agentVersion: z.string().max(64),
  nodeVersion: z.string().max(64),
  /** How the node's keys lie on its disk, shown in the portal. */
  keyProtection: z.enum(['file', 'systemd-creds', 'dpapi', 'keychain']),
})
export type NodeMachine = z.infer<typeof NodeMachine>

export const EnrolmentProof = z.discriminatedUnion('by', [
  z.object({ by: z.literal('authKey'), authKey: z.string().regex(authKeyPattern) }),
  z.object({
    by: z.literal('link'),
    linkId: Id,
    /** Half A; the portal keeps the SHA-256 of this text, in hex. */
    secret: Base64Url.length(43),
    /** HMAC-SHA-256 under half B of `newcomerProofText`; existing nodes check it, the portal cannot. */
    proof: Base64Url,
  }),
])
export const Capabilities = z.object({
  taskKinds: z.array(z.enum(taskKinds)),
  storeTypes: z.array(z.enum(storeTypes)),
})

export type Capabilities = z.infer<typeof Capabilities>

/** What the machine's owner allows, told for people to see: the node itself holds to it. */
export const NodePolicy = z.object({
  allowedFolders: z.array(z.string().max(4096)).max(1000),
  /** Empty: any host. */
  allowedHosts: z.array(z.string().max(300)).max(1000),
})
export type NodePolicy = z.infer<typeof NodePolicy>

export const RegisterRequest = z.object({
  proof: EnrolmentProof,
  /** Ed25519 public key, raw 32 bytes. */
  signingKey: Base64Url.length(43),
  /** X25519 public key for the vault, raw 32 bytes. */
  vaultKey: Base64Url.length(43),
  /** Ed25519 signature over `vaultKeyBindingText`: the same owner holds both keys. */
  vaultKeySignature: Base64Url,
  /** Wished name, unique per runtime; the portal appends a number where it is taken. */
  nodeName: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/),
  slots: z.number().int().min(1).max(256),
  machine: NodeMachine,
  capabilities: Capabilities,
  policy: NodePolicy.optional(),
})
export type RegisterRequest = z.infer<typeof RegisterRequest>
export const RegisterResponse = z.object({
  nodeId: Id,
  nodeName: z.string(),
  runtimeId: Id,
  runtimeName: z.string(),
  factoryName: z.string(),
  tenantId: Id,
})
export type RegisterResponse = z.infer<typeof RegisterResponse>

export const UnregisterRequest = z.object({ reason: z.string().max(200).default('') })
export const UnregisterResponse = z.object({ removed: z.literal(true) })

/** 64 zeros in a token: the portal's certificate comes from a public authority, so there is nothing to pin. */
export const noFingerprint = '0'.repeat(64)

export type EnrolmentToken = { linkId: string; secret: string; proofKey: string; fingerprint: string | null }
/** Null for anything that is not a token. `secret` is half A, `proofKey` half B. */
export function parseEnrolmentToken(text: string): EnrolmentToken | null {
  const [, linkId, secret, proofKey, fingerprint] = enrolmentTokenPattern.exec(text) ?? []
  if (!linkId || !secret || !proofKey || !fingerprint) return null
  return { linkId, secret, proofKey, fingerprint: fingerprint === noFingerprint ? null : fingerprint }
}

/** What half B signs: binds the newcomer's two public keys to one link. */
export function newcomerProofText(linkId: string, signingKey: string, vaultKey: string): string {
  return `sallyport/enrol/1\n${linkId}\n${signingKey}\n${vaultKey}`
}
/** What the signing key signs to claim the vault key. */
export function vaultKeyBindingText(signingKey: string, vaultKey: string): string {
  return `sallyport/vault-key/1\n${signingKey}\n${vaultKey}`
}
