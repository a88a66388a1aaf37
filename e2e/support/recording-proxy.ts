import { createServer, type Server } from 'node:https'
import { request } from 'node:http'
import { once } from 'node:events'

/** A TLS proxy in front of the portal that keeps everything that comes in: what it saw is all that the portal received. */
export type RecordingProxy = { server: Server; received: Buffer[]; close(): Promise<void> }

export async function startRecordingProxy(options: {
  cert: string
  key: string
  port: number
  portalPort: () => number
}): Promise<RecordingProxy> {
  const received: Buffer[] = []
  const server = createServer({ cert: options.cert, key: options.key }, (incoming, outgoing) => {
    received.push(Buffer.from(`${incoming.method} ${incoming.url}\n${incoming.rawHeaders.join('\n')}\n`))
    const forwarded = request({
      host: '127.0.0.1',
      port: options.portalPort(),
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' },
    })
    incoming.on('data', (chunk: Buffer) => {
      received.push(chunk)
      forwarded.write(chunk)
    })
    incoming.on('end', () => forwarded.end())
    forwarded.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forwarded.destroy())
  })
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { server, received, close }
}
