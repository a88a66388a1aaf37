import { z } from 'zod'

/** Why a task, activity or interactive request failed. Each code has a remedy in remedies.ts. */
export const failureCodes = [
  'source_unreachable',
  'sink_unreachable',
  'dns_failed',
  'tls_failed',
  'login_failed',
  'permission_denied',
  'not_found',
  'already_exists',
  'schema_mismatch',
  'type_unsupported',
  'invalid_data',
  'key_violation',
  'sink_full',
  'verification_failed',
  'policy_denied',
  'credential_unavailable',
  'store_conflict',
  'source_changed',
  'cancelled',
  'fenced',
  'agent_lost',
  'node_removed',
  'timeout',
  'poison',
  'internal',
] as const
export const FailureCode = z.enum(failureCodes)
export type FailureCode = z.infer<typeof FailureCode>

/** `message` names the thing and its state; it never carries a secret or a value of the copied data. */
export const Failure = z.object({
  code: FailureCode,
  message: z.string().max(4000),
  /** Which end of a copy it concerns. */
  side: z.enum(['source', 'sink', 'node', 'portal']).optional(),
  /** True where another attempt may help without anybody changing anything. */
  retryable: z.boolean(),
})
export type Failure = z.infer<typeof Failure>
