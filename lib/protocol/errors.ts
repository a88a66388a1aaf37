import { z } from 'zod'

/** The agent channel's refusals: the code, and the HTTP status it travels with. */
export const statusByAgentError = {
  malformed: 400,
  unsigned: 401,
  bad_signature: 401,
  clock_skew: 401,
  replayed: 401,
  unknown_node: 401,
  revoked: 403,
  quarantined: 403,
  forbidden: 403,
  not_found: 404,
  wrong_method: 405,
  timeout: 408,
  conflict: 409,
  fenced: 409,
  gone: 410,
  too_large: 413,
  unsupported_media: 415,
  upgrade_required: 426,
  rate_limited: 429,
  internal: 500,
  draining: 503,
  unavailable: 503,
} as const
export type AgentErrorCode = keyof typeof statusByAgentError
export const agentErrorCodes = Object.keys(statusByAgentError) as [AgentErrorCode, ...AgentErrorCode[]]
export const AgentError = z.object({
  error: z.object({ code: z.enum(agentErrorCodes), message: z.string() }),
})
export type AgentError = z.infer<typeof AgentError>
