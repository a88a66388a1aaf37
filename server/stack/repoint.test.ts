import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repoint } from '@/server/stack/repoint'

test('repoint() changes where the portal is, and nothing else', async () => {
  await using begun = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-repoint-'))
  begun.defer(() => rm(folder, { recursive: true }))
  const file = join(folder, 'config.json')
  await writeFile(file, JSON.stringify({ portalUrl: 'https://localhost:8443', slots: 2 }), { mode: 0o600 })
  await repoint(folder, 'https://localhost:9443')
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ portalUrl: 'https://localhost:9443', slots: 2 })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})
