import type { IncomingMessage } from 'node:http'
import { AgentRefusal } from '@/lib/agent-refusal'

/** A node that has signed a request sends it in one go; 8 MB need about 13 s at 5 Mbit/s. */
const patienceMs = 30_000

/** The whole body, or a refusal as soon as it is known to be too large, too slow or cut off. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const timer = setTimeout(
    () => reject(new AgentRefusal('timeout', 'The body did not arrive in time')),
    patienceMs,
  )
  const cutOff = () => reject(new AgentRefusal('malformed', 'The body was cut off'))
  const take = (chunk: Buffer) => {
    size += chunk.length
    if (size > maxBytes) reject(tooLarge(maxBytes))
    else chunks.push(chunk)
  }
  request
    .on('data', take)
    .once('end', () => resolve(Buffer.concat(chunks)))
    .once('error', cutOff)
    .once('aborted', cutOff)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    request.off('data', take).off('error', cutOff).off('aborted', cutOff)
    if (!request.complete) request.pause()
  }
}

function tooLarge(maxBytes: number): AgentRefusal {
  return new AgentRefusal('too_large', `The body is larger than ${maxBytes} bytes`)
}
