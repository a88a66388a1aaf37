import { setMaxListeners } from 'node:events'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, createClient } from '@/agent/client'
import { capabilities, describeMachine } from '@/agent/machine'
import { openTransport } from '@/agent/transport'
import { endpoints } from '@/lib/protocol/endpoints'
import { vaultKeyBindingText } from '@/lib/protocol/enrolment'
import type { LeasedTask, TaskOutcome } from '@/lib/protocol/task'

/** What the benchmark tells this process, and what it hears back. */
export type IdleNodesOrder = {
  portalUrl: string
  portalCertificate: string
  authKey: string
  nodes: number
  holdMs: number
}
/** `startedAtMs`: wall clock when the lease was confirmed and a worker would begin. */
export type IdleNodesNews = { type: 'started'; taskId: string; kind: string; startedAtMs: number }

/** They share a processor with the portal that they wait for. */
const registeringAtOnce = 8

setMaxListeners(0)
process.once('message', (order: IdleNodesOrder) => void beNodes(order))
process.once('disconnect', () => process.exit())

/**
 * So many nodes in one process: real keys, real signatures, real held polls; only the copy itself is left out. Each polls
 * as soon as it is registered, as a machine does, while the others still come.
 */
async function beNodes(order: IdleNodesOrder): Promise<void> {
  const { portalCertificate } = order
  const dispatcher = openTransport({ portalCertificate, portalFingerprint: null, proxyUrl: null })
  let next = 0
  const register = async () => {
    while (next < order.nodes) {
      const call = await registerNode(order, dispatcher, next++)
      void pollForEver(call, order.holdMs)
    }
  }
  await Promise.all(Array.from({ length: registeringAtOnce }, register))
}

async function registerNode(
  order: IdleNodesOrder,
  dispatcher: Parameters<typeof createClient>[0]['dispatcher'],
  slot: number,
): Promise<Call> {
  const signing = generateKeyPairSync('ed25519').privateKey
  const signingKey = signing.export({ format: 'jwk' }).x ?? ''
  const vaultKey = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' }).x ?? ''
  const signBytes = (bytes: Uint8Array) => sign(null, bytes, signing)
  const common = { portalUrl: order.portalUrl, sign: signBytes, dispatcher }
  const registration = {
    proof: { by: 'authKey' as const, authKey: order.authKey },
    signingKey,
    vaultKey,
    vaultKeySignature: signBytes(Buffer.from(vaultKeyBindingText(signingKey, vaultKey))).toString(
      'base64url',
    ),
    nodeName: `idle-${slot}`,
    slots: 4,
    machine: describeMachine(),
    capabilities,
  }
  const call = createClient({ ...common, keyId: signingKey })
  const { nodeId } = await insist(() => call(endpoints.register, registration))
  return createClient({ ...common, keyId: nodeId })
}

/** Thousands of handshakes at once on two cores: as a machine does, wait a while and dial again. */
async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch {
      await sleep(500 + Math.random() * 2000)
    }
  }
}

async function pollForEver(call: Call, holdMs: number): Promise<void> {
  const incarnation = randomUUID()
  // Pretends to have pulled the vault, which has nothing to do with dispatch.
  let vaultVersion = '0'
  let first = true
  for (;;) {
    const poll = {
      slots: { total: 4, free: 4 },
      interactiveFree: 4,
      running: [],
      ...(first && { machine: describeMachine(), capabilities }),
      incarnation,
      vaultVersion,
      holdMs,
    }
    const answer = await insist(() => call(endpoints.poll, poll))
    first = false
    vaultVersion = answer?.vaultVersion ?? vaultVersion
    for (const task of answer?.tasks ?? []) void start(call, task)
  }
}

/** As the agent does: the lease is renewed first, then the work begins. */
async function start(call: Call, { taskId, epoch, spec }: LeasedTask): Promise<void> {
  await call(endpoints.heartbeat, { tasks: [{ taskId, epoch }] })
  send({ type: 'started', taskId, kind: spec.kind, startedAtMs: performance.timeOrigin + performance.now() })
  const outcome: TaskOutcome =
    spec.kind === 'cleanUpCopy'
      ? { status: 'succeeded', output: { kind: 'cleanUpCopy', result: { removed: [] } } }
      : {
          status: 'failed',
          failure: { code: 'policy_denied', message: 'This node only measures', retryable: false },
        }
  await call(endpoints.complete, { taskId, epoch, outcome, final: { log: [] } })
}

function send(news: IdleNodesNews): void {
  process.send?.(news)
}
