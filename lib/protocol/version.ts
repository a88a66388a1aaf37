/** The wire version: the `v1` of every path. A breaking change is a new folder of messages, never a new meaning of these. */
const protocolVersion = 1
export const agentBasePath = `/api/agent/v${protocolVersion}`
/** The product's version, as nodes report it and the portal shows it. */
export const productVersion = '0.1.0'
