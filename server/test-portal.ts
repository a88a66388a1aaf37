import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from '@/lib/db/client'
import { createAgentChannel } from '@/server/agent-channel'
import { openWakeLine, type WakeLineState } from '@/server/wake-line'

/** Another portal process, as far as nodes and wake-ups go. It never looks at the queues by itself, so that only a wake-up finds work. */
export type TestPortalOrder = { databaseUrl: string; lineUrl: string; lookEveryMs: number }
export type TestPortalNews =
  | { type: 'listening'; origin: string }
  | { type: 'line'; state: WakeLineState }
  | { type: 'held'; count: number }

process.once('message', (order: TestPortalOrder) => void serve(order))
process.once('disconnect', () => process.exit())

async function serve({ databaseUrl, lineUrl, lookEveryMs }: TestPortalOrder): Promise<void> {
  // Its database is dropped under it at the end of a test.
  const db = connect({ connectionString: databaseUrl, max: 4, onIdleError: () => {} })
  const origins: string[] = []
  const channel = createAgentChannel({ db, origins: () => origins, lookEveryMs })
  const server = createServer((request, response) => void channel.handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  origins.push(origin)
  process.on('message', () => tell({ type: 'held', count: channel.heldCount }))
  openWakeLine({
    url: lineUrl,
    db,
    onUp: channel.lookNow,
    onState: (state) => tell({ type: 'line', state }),
  })
  tell({ type: 'listening', origin })
}

function tell(news: TestPortalNews): void {
  process.send?.(news)
}
