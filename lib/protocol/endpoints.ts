import { endpoint } from './endpoint.ts'
import { RegisterRequest, RegisterResponse, UnregisterRequest, UnregisterResponse } from './enrolment.ts'
import {
  CompleteRequest,
  CompleteResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  PollRequest,
  PollResponse,
} from './poll.ts'
import { VaultRequest, VaultResponse } from './vault.ts'
import { agentBasePath } from './version.ts'

const kib = 1024
export const endpoints = {
  register: endpoint({
    path: `${agentBasePath}/register`,
    request: RegisterRequest,
    response: RegisterResponse,
    signedBy: 'newcomer',
    maxBodyBytes: 32 * kib,
  }),
  poll: endpoint({
    path: `${agentBasePath}/poll`,
    request: PollRequest,
    response: PollResponse,
    signedBy: 'node',
    maxBodyBytes: 256 * kib,
  }),
  heartbeat: endpoint({
    path: `${agentBasePath}/heartbeat`,
    request: HeartbeatRequest,
    response: HeartbeatResponse,
    signedBy: 'node',
    maxBodyBytes: 1024 * kib,
  }),
  complete: endpoint({
    path: `${agentBasePath}/complete`,
    request: CompleteRequest,
    response: CompleteResponse,
    signedBy: 'node',
    maxBodyBytes: 8192 * kib,
  }),
  vault: endpoint({
    path: `${agentBasePath}/vault`,
    request: VaultRequest,
    response: VaultResponse,
    signedBy: 'node',
    maxBodyBytes: 8192 * kib,
  }),
  unregister: endpoint({
    path: `${agentBasePath}/unregister`,
    request: UnregisterRequest,
    response: UnregisterResponse,
    signedBy: 'node',
    maxBodyBytes: 4 * kib,
  }),
} as const
export type EndpointName = keyof typeof endpoints
