import { z } from 'zod'
import { Base64Url, Hex, Id, ResourceName } from '@/lib/protocol/scalars'

export const runtimeKinds = ['SelfHosted', 'Linked'] as const
export const authKeyNames = ['authKey1', 'authKey2'] as const
export const admissionPolicies = ['standard', 'strict'] as const

const Description = z.string().trim().max(2000, 'Use at most 2,000 characters')
const LeaseSeconds = z.coerce
  .number()
  .int()
  .min(5, 'Use at least 5 seconds')
  .max(600, 'Use at most 600 seconds')
export const CreateRuntimeInput = z.object({
  factoryId: Id,
  name: ResourceName,
  description: Description.default(''),
  admission: z.enum(admissionPolicies).default('standard'),
  leaseSeconds: LeaseSeconds.default(60),
})
export const UpdateRuntimeInput = z.object({
  runtimeId: Id,
  description: Description,
  admission: z.enum(admissionPolicies),
  leaseSeconds: LeaseSeconds,
})
export const DeleteRuntimeInput = z.object({ runtimeId: Id, confirmName: z.string() })
export const RegenerateAuthKeyInput = z.object({ runtimeId: Id, name: z.enum(authKeyNames) })
export const RevealAuthKeysInput = z.object({ runtimeId: Id })
/** Half B stays in the browser; it arrives only sealed for the vault, or not at all while there is no vault. */
export const CreateEnrolmentLinkInput = z.object({
  runtimeId: Id,
  linkId: Id,
  secretHash: Hex.length(64),
  sealedSecret: z
    .object({ generation: z.number().int().positive(), enc: Base64Url, ciphertext: Base64Url })
    .optional(),
  expiresInMinutes: z.coerce.number().int().min(5).max(1440).default(60),
})
export const RevokeEnrolmentLinkInput = z.object({ linkId: Id })
