import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { z } from 'zod'
import { startPostgres } from '@/lib/db/postgres-server'
import { formatCount } from '@/lib/format'
import { type BlobEmulator, emulatorAccount, startBlobEmulator } from '@/server/demo/azurite'
import { flightCount, loadFlights } from '@/server/demo/flights'
import type { LiveLine } from '@/server/demo/progress-bar'
import { readIfThere, writePrivate } from '@/server/files'
import { ensureWorkplace, type Workplace } from '@/server/stack/authoring'
import { awaitVault, startNode } from '@/server/stack/nodes'
import { openStack, type Stack } from '@/server/stack/stack'

export type Demo = {
  stack: Stack
  place: Workplace
  privateUrl: URL
  blobs: BlobEmulator
  close(): Promise<void>
}

/** Ports of an earlier start: sealed credentials are bound to the address of their store, port included. */
const Ports = z.object({ privateStore: z.number().int(), blobs: z.number().int() })

/** Everything of the demo, started in order; what was begun is stopped again when a later step fails. */
export async function openDemo(
  { dataDir, port }: { dataDir: string; port: number },
  live: LiveLine,
): Promise<Demo> {
  await using begun = new AsyncDisposableStack()
  const ports = await keptPorts(join(dataDir, 'ports.json'))

  live.show('starting the private PostgreSQL')
  const server = await startPostgres({ dataDir: join(dataDir, 'private-store'), port: ports.privateStore })
  begun.defer(() => server.stop())
  await loadFlights(server.url, (rows) =>
    live.show(`loading flights  ${formatCount(rows)} of ${formatCount(flightCount)} rows`),
  )
  live.keep(`private PostgreSQL with ${formatCount(flightCount)} flights on 127.0.0.1:${server.port}`)

  const blobs = await startBlobEmulator(join(dataDir, 'blobs'), ports.blobs)
  begun.defer(() => blobs.stop())
  const credential = new StorageSharedKeyCredential(emulatorAccount.name, emulatorAccount.key)
  await new BlobServiceClient(blobs.serviceEndpoint, credential)
    .getContainerClient('lake')
    .createIfNotExists()
  live.keep(`Azurite on ${blobs.serviceEndpoint}`)

  live.show('starting the portal')
  const stack = await openStack({ dataDir, port })
  begun.defer(() => stack.close())
  live.keep(`portal on ${stack.portal.localUrl}`)

  const place = await ensureWorkplace(stack, { factory: 'harbour', runtime: 'quay' })
  live.show('enrolling the nodes')
  for (const [name, by] of [
    ['quay-a', 'link'],
    ['quay-b', 'key'],
  ] as const) {
    const node = await startNode(stack, place, {
      name,
      by,
      slots: 2,
      allowFolders: [],
      dataDir: join(dataDir, 'nodes'),
    })
    begun.defer(() => node.stop())
    await awaitVault(stack, place, name === 'quay-a' ? 1 : 2)
    live.keep(
      `node ${name} is online, enrolled by ${by === 'link' ? 'an enrolment link' : 'an authentication key'} (process ${node.pid})`,
    )
  }
  const running = begun.move()
  return { stack, place, privateUrl: new URL(server.url), blobs, close: () => running.disposeAsync() }
}

async function keptPorts(file: string): Promise<z.infer<typeof Ports>> {
  const kept = await readIfThere(file)
  if (kept !== null) return Ports.parse(JSON.parse(kept))
  const ports = { privateStore: await freePort(), blobs: await freePort() }
  await writePrivate(file, JSON.stringify(ports))
  return ports
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1')
  return address.port
}
