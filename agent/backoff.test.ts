import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Agent } from 'undici'
import { endpoints } from '../lib/protocol/endpoints.ts'
import type { AgentContext } from './agent-context.ts'
import { classify, retryMs } from './backoff.ts'
import { createClient } from './client.ts'
import { createHeartbeat } from './heartbeat.ts'
import type { TaskRunner } from './task-runner.ts'

let close = async () => {}
afterEach(() => close())

/** A client of a server that gives each answer in turn, the last one for ever. */
async function clientOf(...answers: ((response: ServerResponse) => void)[]) {
  const askedAt: number[] = []
  const server = createServer((request, response) => {
    request.resume()
    askedAt.push(performance.now())
    answers[Math.min(askedAt.length, answers.length) - 1]?.(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dispatcher = new Agent()
  close = async () => {
    await dispatcher.destroy()
    server.closeAllConnections()
    server.close()
  }
  const portalUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = createClient({ portalUrl, keyId: 'node', sign: () => Buffer.alloc(64), dispatcher })
  return { call, askedAt }
}

const slowedDown = { error: { code: 'rate_limited', message: 'This node calls too often' } }
const refuse =
  (retryAfter: string, { status = 429, body = JSON.stringify(slowedDown) } = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'retry-after': retryAfter }).end(body)
const aMinuteLater = (response: ServerResponse) => {
  const sentAt = new Date('2001-01-01T00:00:00Z') // a clock that has nothing to do with this machine's
  response.setHeader('date', sentAt.toUTCString())
  refuse(new Date(sentAt.getTime() + 30_000).toUTCString(), { status: 503 })(response)
}

test.each([
  ['seconds', refuse('30'), 30_000],
  ['a date', aMinuteLater, 30_000],
  ['something between node and portal', refuse('30', { status: 503, body: 'Maintenance' }), 30_000],
  ['nothing', refuse(''), 0],
  ['nonsense', refuse('soon'), 0],
  ['more than a timer can hold', refuse('9999999'), 60_000],
])('Retry-After by %s is the floor of the next try', async (_, answer, floor) => {
  const { call } = await clientOf(answer)
  const error: unknown = await call(endpoints.heartbeat, { tasks: [] }).catch((reason: unknown) => reason)
  expect(classify(error)).toBe('retry')
  expect(retryMs(error, { failures: 0, random: 0 })).toBe(floor)
  expect(retryMs(error, { failures: 0, random: 1 })).toBe(Math.max(500, floor * 1.1))
  expect(retryMs(error, { failures: 9, random: 1 })).toBeGreaterThanOrEqual(60_000)
  expect(retryMs(error, { failures: 0, random: 0, longestAskedMs: 5000 })).toBe(Math.min(floor, 5000))
})

test('the heartbeat comes back no sooner than it was asked to', async () => {
  const second = Promise.withResolvers<void>()
  const { call, askedAt } = await clientOf(refuse('2'), () => second.resolve())
  // Only what a heartbeat of an idle node touches.
  const ctx = { call, random: () => 0, log: { warn: () => {} } } as unknown as AgentContext
  const stop = new AbortController()
  const runner = { tasks: new Map() } as unknown as TaskRunner
  const beating = createHeartbeat(ctx, runner).run(stop.signal)
  await second.promise
  stop.abort()
  await beating
  const [first = 0, next = 0] = askedAt
  expect(next - first).toBeGreaterThanOrEqual(1990)
})
