import { z } from 'zod'
import { Base64Url, Count, Digits, Hex, Id, Iso } from './scalars.ts'
import { SealedCredential, StoreAddress } from './stores.ts'

/** On whose word a node was admitted: the portal's, a link's proof, or a person's on the machine of a member. */
export const admittedBy = ['portal', 'link', 'approval'] as const

/** One entry of a runtime's membership log. Nodes sign it, chain it and remember its head; the portal only stores it. */
export const MembershipBody = z.object({
  seq: z.number().int().positive(),
  /** Hash of the previous entry; 64 zeros for the first. */
  previousHash: Hex.length(64),
  runtimeId: Id,
  change: z.discriminatedUnion('op', [
    z.object({
      op: z.literal('found'),
      nodeId: Id,
      signingKey: Base64Url,
      vaultKey: Base64Url,
      generation: z.literal(1),
      publicKey: Base64Url,
    }),
    z.object({
      op: z.literal('admit'),
      nodeId: Id,
      signingKey: Base64Url,
      vaultKey: Base64Url,
      by: z.enum(admittedBy).optional(),
    }),
    /** A member's own new keys: signed with its old key, and from then on it signs with the new one. */
    z.object({ op: z.literal('rekey'), nodeId: Id, signingKey: Base64Url, vaultKey: Base64Url }),
    /** From here on the portal's word alone admits nobody. Never undone, so that a hacked portal cannot take it back. */
    z.object({ op: z.literal('restrict') }),
    /** Nodes that left, and the new generation that they cannot read. */
    z.object({
      op: z.literal('rotate'),
      removedNodeIds: z.array(Id),
      generation: z.number().int().min(2),
      publicKey: Base64Url,
    }),
  ]),
  signedBy: Id,
  at: Iso,
})
export type MembershipBody = z.infer<typeof MembershipBody>
/** `hash` = SHA-256 of `canonicalJson(body)`, `signature` = Ed25519 of the hash bytes by `body.signedBy`. */
export const MembershipEntry = z.object({ body: MembershipBody, hash: Hex.length(64), signature: Base64Url })
export type MembershipEntry = z.infer<typeof MembershipEntry>

/** A generation's private key, HPKE-wrapped for one node. */
export const VaultWrap = z.object({
  nodeId: Id,
  generation: z.number().int().positive(),
  enc: Base64Url,
  ciphertext: Base64Url,
})
export type VaultWrap = z.infer<typeof VaultWrap>

export const CredentialContext = z.object({
  runtimeId: Id,
  linkedServiceId: Id,
  version: z.number().int().positive(),
  address: StoreAddress,
})
export type CredentialContext = z.infer<typeof CredentialContext>

/** A node that asks for admission, with what an existing node needs to judge it. */
export const VaultNewcomer = z.object({
  nodeId: Id,
  nodeName: z.string(),
  signingKey: Base64Url,
  vaultKey: Base64Url,
  vaultKeySignature: Base64Url,
  /** Present where it came by link: the HMAC, and half B sealed to the vault (absent where the link was made before the vault). */
  link: z
    .object({
      linkId: Id,
      proof: Base64Url,
      sealedSecret: z
        .object({ generation: z.number().int().positive(), enc: Base64Url, ciphertext: Base64Url })
        .optional(),
    })
    .optional(),
})
export type VaultNewcomer = z.infer<typeof VaultNewcomer>

/** Everything a node needs to take part in the vault; asked for whenever the poll says that `vaultVersion` moved. */
export const VaultPullRequest = z.object({
  op: z.literal('pull'),
  logFrom: Count,
  credentialsSince: Digits,
  /** The credentials that the node has on its disk, so that it hears of those that are gone. */
  credentialIds: z.array(Id).max(10_000).default([]),
})
export const VaultWork = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('found') }),
  z.object({ kind: z.literal('restrict') }),
  z.object({ kind: z.literal('admit'), newcomer: VaultNewcomer }),
  z.object({ kind: z.literal('rotate'), removedNodeIds: z.array(Id) }),
])
export type VaultWork = z.infer<typeof VaultWork>
export const VaultState = z.object({
  vaultVersion: Digits,
  admission: z.enum(['standard', 'strict']),
  log: z.array(MembershipEntry),
  wraps: z.array(VaultWrap),
  /** Changed since `credentialsSince`, with the context they are bound to. */
  credentials: z.array(z.object({ sealed: SealedCredential, context: CredentialContext })),
  removedCredentialIds: z.array(Id),
  work: z.array(VaultWork),
})
export type VaultState = z.infer<typeof VaultState>
/** The result of vault work. A stale `entry` (its seq is taken) is refused with 409 `conflict`; the node pulls and decides anew. */
export const VaultAppendRequest = z.object({
  op: z.literal('append'),
  entry: MembershipEntry,
  wraps: z.array(VaultWrap),
  /** After a rotate: every credential sealed for the new generation. */
  resealed: z.array(SealedCredential).default([]),
  /** With a rekey: the new signing key over `vaultKeyBindingText` of both new keys. */
  vaultKeySignature: Base64Url.optional(),
})
/** Versions that this node has opened for real: it is given tasks only for these. */
export const VaultReadyRequest = z.object({
  op: z.literal('ready'),
  generation: Count.positive(),
  opened: z.array(z.object({ linkedServiceId: Id, version: Count.positive() })),
  failed: z.array(z.object({ linkedServiceId: Id, version: Count.positive(), reason: z.string().max(500) })),
})
/** A newcomer that this member will not admit, and why: shown in the portal, not asked again. */
export const VaultRefuseRequest = z.object({
  op: z.literal('refuse'),
  nodeId: Id,
  reason: z.string().min(1).max(500),
  /** Nothing is wrong with it, but only a person can vouch for it. */
  awaitsApproval: z.boolean().optional(),
})
/** A member asks who waits, refused or not, so that a person at its machine can approve one. */
export const VaultNewcomersRequest = z.object({ op: z.literal('newcomers') })
/** Why this node cannot take part in the vault, for example because the portal shows it a forked log. */
export const VaultFaultRequest = z.object({ op: z.literal('fault'), reason: z.string().min(1).max(500) })
export const VaultRequest = z.discriminatedUnion('op', [
  VaultPullRequest,
  VaultAppendRequest,
  VaultReadyRequest,
  VaultRefuseRequest,
  VaultNewcomersRequest,
  VaultFaultRequest,
])
export type VaultRequest = z.infer<typeof VaultRequest>
export const VaultResponse = z.discriminatedUnion('op', [
  z.object({ op: z.literal('state'), state: VaultState }),
  z.object({ op: z.literal('appended'), vaultVersion: Digits }),
  z.object({ op: z.literal('newcomers'), newcomers: z.array(VaultNewcomer) }),
  z.object({ op: z.literal('noted') }),
])
export type VaultResponse = z.infer<typeof VaultResponse>
