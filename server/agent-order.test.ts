import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type EndpointName, endpoints } from '@/lib/protocol/endpoints'
import { enqueueTasks } from '@/lib/tasks/enqueue'
import { testChannel } from '@/server/test-channel'
import { type Answer, TestNode } from '@/server/test-node'

/** Requests that are right in themselves and come at the wrong time: each endpoint says plainly what is amiss. */

const world = testChannel()
const names = Object.keys(endpoints) as EndpointName[]
const anAppend = readFileSync(
  new URL('../lib/protocol/fixtures/v1/vault.request.append.json', import.meta.url),
  'utf8',
)
const cancelled = { outcome: { status: 'cancelled' as const }, final: {} }

async function handOut(node: TestNode): Promise<{ taskId: string; epoch: number }> {
  const runtimeId = world.runtime.id
  const address = { type: 'FileServer' as const, host: '/data' }
  const store = {
    linkedServiceId: randomUUID(),
    linkedServiceName: 'files',
    runtimeId,
    address,
    credentialVersion: 0,
  }
  await world.db.transaction((tx) =>
    enqueueTasks(tx, [{ runtimeId, spec: { kind: 'testConnection', store } }]),
  )
  const { body } = await node.poll()
  const [task] = (body as { tasks: { taskId: string; epoch: number }[] }).tasks
  if (!task) throw new Error('No task was handed out')
  return task
}

function expectRefusal(answer: Answer, status: number, code: string): void {
  expect(answer).toMatchObject({
    status,
    body: { error: { code, message: expect.stringMatching(/\w+ \w+/) } },
  })
}

/** Each of them too early, too late, twice or for somebody else's work. */
const outOfOrder: Record<EndpointName, () => Promise<void>> = {
  async register() {
    const node = await world.enrol()
    await node.call('unregister', {})
    node.nodeId = ''
    expectRefusal(await node.register({ by: 'authKey', authKey: world.authKey }), 403, 'revoked')
  },
  async poll() {
    const node = await world.enrol()
    await node.call('unregister', {})
    expectRefusal(await node.poll(), 403, 'revoked')
  },
  async heartbeat() {
    const [node, other] = [await world.enrol(), await world.enrol({ nodeName: 'plant-8' })]
    const task = await handOut(node)
    const fenced = { leases: [{ taskId: task.taskId, state: 'fenced', leaseMs: 0 }] }
    for (const [sender, epoch] of [
      [other, task.epoch],
      [node, task.epoch - 1],
      [node, task.epoch + 1],
    ] as const) {
      const answer = await sender.call('heartbeat', { tasks: [{ ...task, epoch }] })
      expect(answer).toMatchObject({ status: 200, body: fenced })
    }
    await node.call('complete', { ...task, ...cancelled })
    expect(await node.call('heartbeat', { tasks: [task] })).toMatchObject({ status: 200, body: fenced })
  },
  async complete() {
    const [node, other] = [await world.enrol(), await world.enrol({ nodeName: 'plant-8' })]
    const task = await handOut(node)
    expectRefusal(await other.call('complete', { ...task, ...cancelled }), 409, 'fenced')
    for (const epoch of [task.epoch - 1, task.epoch + 1])
      expectRefusal(await node.call('complete', { ...task, epoch, ...cancelled }), 409, 'fenced')
    expectRefusal(
      await node.call('complete', { taskId: randomUUID(), epoch: 1, ...cancelled }),
      409,
      'fenced',
    )
  },
  async vault() {
    const node = await world.enrol()
    // Nobody has founded this vault yet: there is nothing to append to, to have opened, or to refuse a newcomer of.
    expectRefusal(await node.send(endpoints.vault.path, anAppend), 403, 'forbidden')
    for (const early of [
      { op: 'ready' as const, generation: 7, opened: [], failed: [] },
      { op: 'refuse' as const, nodeId: node.nodeId, reason: 'Not by me' },
    ])
      expect(await node.call('vault', early)).toMatchObject({ status: 200, body: { op: 'noted' } })
    const { body } = await node.call('vault', { op: 'pull', logFrom: 0, credentialsSince: '0' })
    expect(body).toMatchObject({ state: { log: [], wraps: [], work: [{ kind: 'found' }] } })
  },
  async unregister() {
    const node = await world.enrol()
    expect((await node.call('unregister', {})).status).toBe(200)
    expectRefusal(await node.call('unregister', {}), 403, 'revoked')
  },
}

describe.each(names)('%s', { timeout: 120_000 }, (name) => {
  test('out of order is refused plainly, or told that it is of no effect', () => outOfOrder[name]())

  test('before the node is registered it is refused', async () => {
    if (name === 'register') return
    const stranger = new TestNode(world.origin)
    stranger.nodeId = randomUUID()
    expectRefusal(await stranger.send(endpoints[name].path, {}), 401, 'unknown_node')
  })
})

test('the messages of a node that was removed are refused, whichever comes first', async () => {
  const node = await world.enrol()
  const task = await handOut(node)
  await node.call('unregister', {})
  expectRefusal(await node.call('heartbeat', { tasks: [task] }), 403, 'revoked')
  expectRefusal(await node.call('complete', { ...task, ...cancelled }), 403, 'revoked')
})
