import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildAgent } from './build.ts'

let folder: string

/** Inside agent/, as only what lies there may be bundled. */
beforeEach(async () => {
  folder = await mkdtemp(join(import.meta.dirname, 'build-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function buildOf(source: string): Promise<string> {
  const name = folder.slice(folder.lastIndexOf('/') + 1)
  await writeFile(join(folder, 'entry.ts'), source)
  await buildAgent(`agent/${name}/entry.ts`, `agent/${name}/out.cjs`)
  return join(folder, 'out.cjs')
}

describe('buildAgent()', () => {
  test('makes one file that runs on its own, with protocol and allowed packages inside', async () => {
    const file = await buildOf(`
      import { Command } from 'commander'
      import { agentBasePath } from '../../lib/protocol/version.ts'
      console.log(agentBasePath, typeof Command, import.meta.url.slice(-7))`)
    expect(execFileSync(process.execPath, [file], { cwd: '/', encoding: 'utf8' })).toBe(
      '/api/agent/v1 function out.cjs\n',
    )
  })

  test.each([
    [
      "import { can } from '../../lib/permissions.ts'; console.log(can)",
      /lib\/permissions\.ts, imported by agent\/build-test-/,
    ],
    [
      "import { drizzle } from 'drizzle-orm/node-postgres'; console.log(drizzle)",
      /node_modules\/drizzle-orm\//,
    ],
  ])('refuses a foreign input and names who brought it: %s', async (source, expected) => {
    await expect(buildOf(source)).rejects.toThrow(expected)
  })
})
