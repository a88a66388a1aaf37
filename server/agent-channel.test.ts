import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { tasks } from '@/drizzle/schema/runs'
import { enqueueTasks } from '@/lib/tasks/enqueue'
import { wakeRuntimes } from '@/lib/tasks/wake'
import { testChannel } from '@/server/test-channel'
import { randomUUID } from 'node:crypto'

const world = testChannel()

const store = () => ({
  linkedServiceId: randomUUID(),
  linkedServiceName: 'files',
  runtimeId: world.runtime.id,
  address: { type: 'FileServer' as const, host: '/data' },
  credentialVersion: 0,
})
async function enqueueTest(onlyNodeId?: string) {
  const [taskId] = await world.db.transaction((tx) =>
    enqueueTasks(tx, [
      {
        runtimeId: world.runtime.id,
        spec: { kind: 'testConnection', store: store() },
        interactive: true,
        ...(onlyNodeId && { onlyNodeId }),
      },
    ]),
  )
  wakeRuntimes([world.runtime.id])
  return taskId ?? ''
}

test('a node registers, waits, is handed a task at once, renews it and completes it', async () => {
  const node = await world.enrol()
  expect(await node.poll()).toMatchObject({ status: 204 })
  const waiting = node.poll({ holdMs: 20_000 })
  await expect.poll(() => world.channel.heldCount).toBe(1)
  const taskId = await enqueueTest()
  const begun = performance.now()
  const { body } = await waiting
  expect(performance.now() - begun).toBeLessThan(1000)
  expect(body).toMatchObject({
    tasks: [{ taskId, attempt: 1, leaseMs: 20_000, spec: { kind: 'testConnection' } }],
  })
  const { epoch } = (body as { tasks: { epoch: number }[] }).tasks[0] ?? { epoch: 0 }
  const renewed = await node.call('heartbeat', { tasks: [{ taskId, epoch }] })
  expect(renewed.body).toMatchObject({ leases: [{ taskId, epoch, state: 'held', leaseMs: 60_000 }] })
  const outcome = {
    status: 'succeeded' as const,
    output: { kind: 'testConnection' as const, result: { ok: true, steps: [] } },
  }
  const done = await node.call('complete', { taskId, epoch, outcome, final: {} })
  expect(done).toMatchObject({ status: 200, body: { accepted: true } })
  expect(await node.call('complete', { taskId, epoch, outcome, final: {} })).toMatchObject({ status: 200 })
  const [row] = await world.db.select().from(tasks).where(eq(tasks.id, taskId))
  expect(row).toMatchObject({ state: 'succeeded', result: outcome.output })
})
