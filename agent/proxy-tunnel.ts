import { request } from 'node:http'
import type { Socket } from 'node:net'
import { AgentFailure } from './agent-error.ts'

/** The `Proxy-Authorization` of a proxy address with a user, if it has one. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (!username) return undefined
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** A raw connection to `target` through an HTTP proxy (RFC 9110, section 9.3.6). */
export function openTunnel(proxyUrl: string, target: URL): Promise<Socket> {
  const proxy = new URL(proxyUrl)
  const authorization = proxyAuthorization(proxy)
  const authority = `${target.hostname}:${target.port || '443'}`
  return new Promise((resolve, reject) => {
    const failed = (text: string, cause?: unknown) =>
      reject(new AgentFailure('proxy', `Proxy ${proxy.host}: ${text}`, cause))
    const asked = request({
      host: proxy.hostname,
      port: proxy.port || 80,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
      timeout: 10_000,
    })
    asked.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket)
      socket.destroy()
      failed(`it refused to connect to ${authority} (HTTP ${response.statusCode})`)
    })
    asked.once('timeout', () => asked.destroy(new Error('no answer within 10 s')))
    asked.once('error', (error) => failed(error.message, error))
    asked.end()
  })
}
