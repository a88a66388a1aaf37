import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { describe, expect, test, vi } from 'vitest'
import { testDatabase } from '@/lib/db/test-database'
import { log, printableError, takeOverConsole } from '@/lib/log'

describe('printableError()', () => {
  const database = testDatabase()

  test('keeps what a failed query said and not what it carried', async () => {
    const failed = await database.db
      .execute(sql`SELECT ${'hunter2'}::text, 1 / ${0}::integer FROM nowhere`)
      .then(() => null)
      .catch((error: unknown) => error)
    const printed = JSON.stringify(printableError(failed))
    expect(printed).not.toContain('hunter2')
    expect(printed).toContain('Failed query: SELECT $1')
    expect(printed).toContain('42P01')
    expect(printed).toContain('relation \\"nowhere\\" does not exist')
  })

  test('leaves out what drivers hang on an error', () => {
    const error = Object.assign(new Error('connection lost'), {
      client: { password: 'hunter2' },
      code: '57P01',
    })
    const printed = printableError(error)
    expect(printed).toMatchObject({ type: 'Error', message: 'connection lost', code: '57P01' })
    expect(JSON.stringify(printed)).not.toContain('hunter2')
  })

  test('prints no object that was thrown in place of an error', () => {
    expect(printableError({ password: 'hunter2' })).toBe('object')
  })
})

test('takeOverConsole() brings the console into the log, without what an error carries', () => {
  const before = { ...console }
  const written = vi.spyOn(log, 'error').mockImplementation(() => undefined)
  takeOverConsole()
  console.error('\u001b[31m⨯\u001b[39m', new Error('no'), { password: 'hunter2' })
  Object.assign(console, before)
  expect(written.mock.calls).toEqual([[{ err: new Error('no'), from: 'console' }, '⨯']])
})

test.each([
  ['portal', "import { log } from '@/lib/log'"],
  ['agent', "import { createLog } from '@/agent/log'; const { log } = createLog('info')"],
])('a %s whose log cannot be written, as on a full disk, goes on', { timeout: 60_000 }, async (_, opened) => {
  const listens = "process.stdout.on('error', () => {})"
  const script = `${listens}; ${opened}; log.info('one'); log.fatal('two'); setImmediate(() => { log.info('three'); process.exitCode = 7 })`
  // Open for reading only: every write fails, on any machine and for any user.
  const output = openSync(import.meta.filename, 'r')
  const child = spawn(
    process.execPath,
    ['--import', './server/cli/typescript.mjs', '--input-type=module', '-e', script],
    { stdio: ['ignore', output, 'inherit'], timeout: 30_000 },
  )
  closeSync(output)
  expect(await once(child, 'exit')).toEqual([7, null])
})
