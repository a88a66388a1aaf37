import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openIntake } from './intake.ts'
import { ReusingSocket } from './reusing-socket.ts'

/** More than every buffer between the two ends together, so that a receiver that keeps everything stops the sender. */
const sentBytes = 24 << 20
const sent = Buffer.from(Uint32Array.from({ length: sentBytes / 4 }, (_, index) => index * 2654435761).buffer)

let server: Server
let port: number

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {}) // the test hangs up in the middle
    socket.write('hello')
    socket.once('data', () => socket.write(sent))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(() => void server.close())

async function connectBy(socket: Socket): Promise<Socket> {
  socket.on('data', () => {})
  socket.connect(port, '127.0.0.1')
  const [greeting] = await once(socket, 'data')
  expect(String(greeting)).toBe('hello')
  return socket
}

const sockets = [
  ['a socket that reuses its memory', () => new ReusingSocket()],
  ['any other socket', () => new Socket()],
] as const

describe.each(sockets)('openIntake() on %s', (_, open) => {
  test('hands all bytes over in order, whatever the receiver keeps for a while', async () => {
    const socket = await connectBy(open())
    const received = Buffer.alloc(sentBytes)
    const kept: Buffer[] = []
    let length = 0
    const over = Promise.withResolvers<void>()
    const take = () => {
      for (const chunk of kept.splice(0)) {
        chunk.copy(received, length)
        length += chunk.length
        // In pieces, and the later one first.
        intake.done(chunk.subarray(1))
        intake.done(chunk.subarray(0, 1))
      }
      if (length === sentBytes) over.resolve()
    }
    const intake = openIntake(
      socket,
      (chunk) => {
        if (kept.push(chunk) === 1) setImmediate(() => setImmediate(take))
      },
      { isBulk: true },
    )
    socket.write('go')
    await over.promise
    expect(received.equals(sent)).toBe(true)
    socket.destroy()
  })

  test('holds the sender back while everything is out, and gives the data back to the client at the end', async () => {
    const socket = await connectBy(open())
    const kept: Buffer[] = []
    const intake = openIntake(socket, (chunk) => void kept.push(chunk), { isBulk: true })
    socket.write('go')
    let seen = 0
    const isStill = () => {
      const before = seen
      seen = kept.length
      return before > 0 && before === seen
    }
    await expect.poll(isStill).toBe(true)
    const before = kept.length
    const out = Buffer.concat(kept)
    expect(out.length).toBeLessThan(5 << 20)
    expect(out.equals(sent.subarray(0, out.length))).toBe(true)
    for (const chunk of kept) intake.done(chunk)
    await expect.poll(() => kept.length).toBeGreaterThan(before)
    for (const chunk of kept.slice(before)) intake.done(chunk)
    intake.stop()
    const [rest] = await once(socket, 'data')
    expect(rest.length).toBeGreaterThan(0)
    socket.destroy()
  })
})
