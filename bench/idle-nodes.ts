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
export type IdleNodesNews =
  | { type: 'polling'; nodes: number }
  /** `startedAtMs`: wall clock when the lease was confirmed and a worker would begin. */
  | { type: 'started'; taskId: string; kind: string; startedAtMs: number }

setMaxListeners(0)
process.once('message', (order: IdleNodesOrder) => void beNodes(order))

/** So many nodes in one process: real keys, real signatures, real held polls; only the copy itself is left out. */
async function beNodes(order: IdleNodesOrder): Promise<void> {
  const { portalCertificate } = order
  const dispatcher = openTransport({ portalCertificate, portalFingerprint: null, proxyUrl: null })
  const calls: Call[] = []
  const register = async () => {
    while (calls.length < order.nodes) {
      const slot = calls.length
      calls.push(notRegistered)
      calls[slot] = await registerNode(order, dispatcher, slot)
    }
  }
  await Promise.all(Array.from({ length: 16 }, register))
  let polling = 0
  for (const call of calls) {
    void pollForEver(call, order.holdMs, () => {
      polling += 1
      if (polling % 100 === 0 || polling === order.nodes) send({ type: 'polling', nodes: polling })
    })
  }
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
  const { nodeId } = await createClient({ ...common, keyId: signingKey })(endpoints.register, {
    proof: { by: 'authKey', authKey: order.authKey },
    signingKey,
    vaultKey,
    vaultKeySignature: signBytes(Buffer.from(vaultKeyBindingText(signingKey, vaultKey))).toString(
      'base64url',
    ),
    nodeName: `idle-${slot}`,
    slots: 4,
    machine: describeMachine(),
    capabilities,
  })
  return createClient({ ...common, keyId: nodeId })
}

async function pollForEver(call: Call, holdMs: number, onFirst: () => void): Promise<void> {
  const incarnation = randomUUID()
  // Pretends to have pulled the vault, which has nothing to do with dispatch.
  let vaultVersion = '0'
  let first = true
  setTimeout(onFirst, 0)
  for (;;) {
    try {
      const answer = await call(endpoints.poll, {
        slots: { total: 4, free: 4 },
        interactiveFree: 4,
        running: [],
        ...(first && { machine: describeMachine(), capabilities }),
        incarnation,
        vaultVersion,
        holdMs,
      })
      first = false
      vaultVersion = answer?.vaultVersion ?? vaultVersion
      for (const task of answer?.tasks ?? []) void start(call, task)
    } catch {
      // Thousands of handshakes at once on two cores: as an agent does, wait a while and dial again.
      await sleep(500 + Math.random() * 2000)
    }
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

function notRegistered(): Promise<never> {
  return Promise.reject(new Error('not registered yet'))
}
