/** The steps between a node and its portal, in order: an error names the one that failed. */
export const portalSteps = [
  'config',
  'dns',
  'tcp',
  'proxy',
  'tls',
  'clock',
  'key',
  'version',
  'portal',
] as const
export type PortalStep = (typeof portalSteps)[number]

/** An error that a person on the node reads: it names the step, the state and the remedy. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure'
  readonly step: PortalStep

  constructor(step: PortalStep, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.step = step
  }
}
