import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listSettings, parseEnv, settingsTable, WrongSettings } from '@/lib/env'

function problemsOf(source: Record<string, string>): string[] {
  try {
    parseEnv(source)
  } catch (error) {
    if (error instanceof WrongSettings) return error.problems
    throw error
  }
  return []
}

describe('parseEnv()', () => {
  test('needs no setting at all', () => {
    expect(parseEnv({ PATH: '/bin' })).toMatchObject({
      port: 8443,
      behindProxy: false,
      databaseUrl: null,
      logLevel: 'info',
    })
  })

  test('takes an empty variable as not set', () => {
    expect(parseEnv({ SALLYPORT_PORT: '', DATABASE_URL: '' })).toMatchObject({
      port: 8443,
      databaseUrl: null,
    })
  })

  test('names every problem at once', () => {
    const problems = problemsOf({
      SALLYPORT_PORT: '99999',
      SALLYPORT_LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://x',
      SALLYPORT_TLS_CERT_FILE: '/nowhere/cert.pem',
      SALLYPORT_PROT: '1',
    })
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'SALLYPORT_PORT',
      'DATABASE_URL',
      'SALLYPORT_TLS_CERT_FILE',
      'SALLYPORT_LOG_LEVEL',
      'SALLYPORT_PROT',
    ])
  })

  test.each([
    [{ SALLYPORT_BEHIND_PROXY: 'true' }, /needs SALLYPORT_PUBLIC_URL/],
    [{ SALLYPORT_TLS_CERT_FILE: import.meta.filename }, /needs SALLYPORT_TLS_KEY_FILE/],
    [{ SALLYPORT_TLS_KEY_FILE: import.meta.filename }, /needs SALLYPORT_TLS_CERT_FILE/],
    [{ SALLYPORT_PUBLIC_URL: 'http://portal.example.com' }, /must start with https/],
  ])('refuses what contradicts itself: %o', (source, expected) => {
    expect(problemsOf(source).join()).toMatch(expected)
  })

  test.each([
    ['SALLYPORT_DATA_DIR', '/proc/sallyport/data'],
    ['SALLYPORT_DATA_DIR', import.meta.filename],
    ['SALLYPORT_DATA_DIR', `${import.meta.filename}/data`],
    ['SALLYPORT_SECRET_KEY_FILE', '/proc/sallyport.key'],
    ['SALLYPORT_SECRET_KEY_FILE', `${import.meta.filename}/secret.key`],
    ['SALLYPORT_SECRET_KEY_FILE', import.meta.dirname],
  ])('refuses a place where nothing can be kept, beside every other problem: %s=%s', (name, value) => {
    expect(problemsOf({ [name]: value, SALLYPORT_LOG_LEVEL: 'loud' })).toEqual([
      expect.stringMatching(new RegExp(`^${name} names a (folder|file) that cannot be`)),
      'SALLYPORT_LOG_LEVEL must be debug, info, warn or error',
    ])
  })

  test('makes nothing, and takes a data folder that is there or can be made', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-env-'))
    for (const dataDir of [folder, join(folder, 'a', 'b')])
      expect(parseEnv({ SALLYPORT_DATA_DIR: dataDir }).dataDir).toBe(dataDir)
    expect(readdirSync(folder)).toEqual([])
    rmdirSync(folder)
  })

  test('keeps only the origin of the public address', () => {
    expect(parseEnv({ SALLYPORT_PUBLIC_URL: 'https://Portal.Example.com:443/x?y' }).publicUrl).toBe(
      'https://portal.example.com',
    )
  })

  test('leaves the settings of a node agent on the same machine alone', () => {
    expect(problemsOf({ SALLYPORT_AGENT_HOME: '/x' })).toEqual([])
  })

  test('does not print the database password', () => {
    const env = parseEnv({ DATABASE_URL: 'postgresql://u:hunter2@h/d' })
    expect(JSON.stringify(env)).not.toContain('hunter2')
    expect(env.databaseUrl?.reveal()).toContain('hunter2')
  })
})

test('listSettings() says something about every setting', () => {
  expect(listSettings().filter(({ about }) => about.length < 10)).toEqual([])
})

test('README lists the settings as they are', () => {
  expect(readFileSync('README.md', 'utf8')).toContain(settingsTable())
})
