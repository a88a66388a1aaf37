import { afterEach, expect, test, vi } from 'vitest'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aNode, aRuntime, aTenant } from '@/lib/db/test-fixtures'
import { selectNodes } from '@/lib/nodes/read'

const database = testDatabase()
afterEach(() => vi.useRealTimers())

test.each([-1, 1])(
  'selectNodes() judges by the clock that wrote the times, with a portal %i h off',
  async (hours) => {
    const { db } = database
    const runtime = await aRuntime(db, await aFactory(db, await aTenant(db)))
    const silentSince = new Date(Date.now() - 600_000)
    await aNode(db, runtime, { name: 'a-heard', vaultGeneration: 0 })
    await aNode(db, runtime, { name: 'b-silent', lastSeenAt: silentSince, lastPollAt: silentSince })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
    const states = (await selectNodes(db, undefined)).map(({ status }) => status.state)
    expect(states).toEqual(['Online', 'Offline'])
  },
)
