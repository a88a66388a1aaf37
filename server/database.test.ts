import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { testDatabase } from '@/lib/db/test-database'
import { parseEnv } from '@/lib/env'
import { openDatabase } from '@/server/database'

const database = testDatabase({ commits: true })

/** A way to the database on which so many connections break before the first one holds. */
async function breakingWay(broken: number) {
  const { hostname, port } = new URL(database.url)
  let count = 0
  const proxy = createServer((client) => {
    client.on('error', () => {})
    count += 1
    if (count <= broken) return client.destroy()
    const server = connect(Number(port), hostname)
    server.on('error', () => client.destroy())
    return client.pipe(server).pipe(client)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = new URL(database.url)
  url.port = String((proxy.address() as AddressInfo).port)
  return { url: url.href, count: () => count, close: () => proxy.close() }
}

test('a portal that starts before its database waits for it', async () => {
  const way = await breakingWay(3)
  const opened = await openDatabase(parseEnv({ DATABASE_URL: way.url }))
  expect((await opened.db.execute(sql`select count(*)::int as count from tenants`)).rows).toEqual([
    { count: 0 },
  ])
  expect(way.count()).toBeGreaterThan(3)
  await opened.close()
  way.close()
})

test('a password that is refused stops the start at once, and says so', async () => {
  const url = new URL(database.url)
  url.password = 'wrong'
  await expect(openDatabase(parseEnv({ DATABASE_URL: url.href }))).rejects.toThrow(
    /^Cannot use the database of DATABASE_URL: password authentication failed/,
  )
})
