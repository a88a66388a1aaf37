import { Client, DatabaseError, Pool } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest'
import { type Db, openDb, useDatabase } from '@/lib/db/client'
import { withDatabase } from '@/lib/db/postgres-server'

export type TestDatabase = {
  /** What `database()` answers too while a test runs. */
  readonly db: Db
  /** Connection string; with `{ commits: true }` only, as nobody else sees an open transaction. */
  readonly url: string
}

/**
 * Real PostgreSQL for the tests of a file: call it once, at the top. Each test runs in a transaction that is rolled
 * back (one connection; `now()` stands still; a nested transaction is a savepoint). `{ commits: true }` gives each test
 * a database of its own instead, for code that needs several connections or real commits.
 */
export function testDatabase({ commits = false } = {}): TestDatabase {
  const state: { db?: Db; url?: string } = {}
  if (commits) useOwnDatabase(state)
  else useTransaction(state)
  return {
    get db() {
      if (!state.db) throw new Error('testDatabase() is there inside a test and its hooks only')
      return state.db
    },
    get url() {
      if (!state.url) throw new Error('Only testDatabase({ commits: true }) has a url')
      return state.url
    },
  }
}

function useTransaction(state: { db?: Db }): void {
  let pool: Pool
  let finish: () => Promise<void>

  beforeAll(async () => {
    pool = new Pool({ connectionString: await ensureWorkerDatabase(), max: 1 })
  })
  beforeEach(async () => {
    const held = await holdTransaction(openDb(pool))
    finish = () => held.rollBack()
    state.db = held.db
    useDatabase(held.db)
  })
  afterEach(async () => {
    useDatabase(null)
    delete state.db
    await finish()
  })
  afterAll(() => pool.end())
}

/** Opens a transaction and keeps it open until it is told to roll back. */
async function holdTransaction(db: Db): Promise<{ db: Db; rollBack(): Promise<void> }> {
  const opened = Promise.withResolvers<Db>()
  const over = Promise.withResolvers<never>()
  const rolledBack = new Error('rolled back')
  const running = db
    .transaction(async (tx) => {
      opened.resolve(tx)
      return over.promise
    })
    .catch((error: unknown) => {
      opened.reject(error)
      if (error !== rolledBack) throw error
    })
  const rollBack = async () => {
    over.reject(rolledBack)
    await running
  }
  return { db: await opened.promise, rollBack }
}

function useOwnDatabase(state: { db?: Db; url?: string }): void {
  let pool: Pool
  let name: string

  beforeEach(async () => {
    name = `test_${crypto.randomUUID().replaceAll('-', '')}`
    await administer(`CREATE DATABASE ${name} TEMPLATE ${inject('templateDatabase')}`)
    state.url = withDatabase(inject('postgresUrl'), name)
    pool = new Pool({ connectionString: state.url, max: 10 })
    // A connection that is still saying goodbye when its database is dropped is told so, and nobody needs to hear it.
    pool.on('connect', (client) => client.on('error', () => {}))
    pool.on('error', () => {})
    state.db = openDb(pool)
    useDatabase(state.db)
  })
  afterEach(async () => {
    useDatabase(null)
    delete state.db
    delete state.url
    await pool.end()
    await administer(`DROP DATABASE ${name} WITH (FORCE)`)
  })
}

async function ensureWorkerDatabase(): Promise<string> {
  const name = `worker_${process.env['VITEST_POOL_ID'] ?? '0'}`
  // 42P04: an earlier file of this worker made it.
  await administer(`CREATE DATABASE ${name} TEMPLATE ${inject('templateDatabase')}`, '42P04')
  return withDatabase(inject('postgresUrl'), name)
}

async function administer(statement: string, expectedCode?: string): Promise<void> {
  const client = new Client(inject('postgresUrl'))
  await client.connect()
  try {
    await client.query(statement)
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== expectedCode) throw error
  } finally {
    await client.end()
  }
}
