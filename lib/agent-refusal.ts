import { type AgentErrorCode, statusByAgentError } from '@/lib/protocol/errors'

/** What a node is told when its request is refused: thrown by the agent channel's handlers, turned into a status at its edge. */
export class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal'
  readonly code: AgentErrorCode
  /** The node asks again no earlier than this. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: AgentErrorCode, message: string, retryAfterSeconds?: number) {
    super(message)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }

  get status(): number {
    return statusByAgentError[this.code]
  }
}
