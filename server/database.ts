import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Db } from '@/lib/db/client'
import { isDatabaseAway } from '@/lib/db/database-error'
import { migrateDatabase } from '@/lib/db/migrate'
import { type PostgresServer, startPostgres, type StartPostgresOptions } from '@/lib/db/postgres-server'
import type { Env } from '@/lib/env'
import { log } from '@/lib/log'
import { Secret } from '@/lib/secret'

const databasePatienceMs = 60_000

export type PortalDatabase = { db: Db; url: Secret; close(): Promise<void> }

/**
 * The given PostgreSQL or an embedded one, with the schema of this version. `stopping`: the process is about to end and waits
 * for nothing; what was begun ends with it.
 */
export async function openDatabase(env: Env, stopping?: AbortSignal): Promise<PortalDatabase> {
  const embedded = env.databaseUrl
    ? null
    : await unlessStopped(superviseEmbedded(join(env.dataDir, 'postgres')), stopping)
  const url = env.databaseUrl ?? new Secret(embedded?.url ?? '')
  try {
    await unlessStopped(migrateWhenThere(url, stopping), stopping)
  } catch (cause) {
    await embedded?.stop()
    stopping?.throwIfAborted()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`Cannot use the database${env.databaseUrl ? ' of DATABASE_URL' : ''}: ${reason}`, {
      cause,
    })
  }
  let closing = false
  const db = connect({
    connectionString: url.reveal(),
    max: env.databasePool,
    onIdleError: (error) => {
      if (!closing) log.warn({ err: error }, 'a database connection was lost')
    },
    onNamesRefused: () =>
      log.warn(
        'named statements do not hold, as behind a pooler in transaction mode without prepared statements; every statement is planned anew',
      ),
  })
  const close = async () => {
    closing = true
    await db.$client.end()
    await embedded?.stop()
  }
  return { db, url, close }
}

/** The work's outcome, or the reason of the stop where that comes first: a server may accept a connection and never answer. */
async function unlessStopped<Outcome>(work: Promise<Outcome>, stopping?: AbortSignal): Promise<Outcome> {
  if (!stopping) return await work
  using race = new DisposableStack()
  const stopped = new Promise<never>((_, reject) => {
    const refuse = () => reject(stopping.reason as Error)
    if (stopping.aborted) return refuse()
    stopping.addEventListener('abort', refuse, { once: true })
    return race.defer(() => stopping.removeEventListener('abort', refuse))
  })
  return await Promise.race([work, stopped])
}

/** Brings the schema up to date, once the database answers: the two may start together, as after a power cut. */
async function migrateWhenThere(url: Secret, stopping?: AbortSignal): Promise<void> {
  const deadline = performance.now() + databasePatienceMs
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await migrateDatabase(url.reveal())
    } catch (err) {
      if (!isDatabaseAway(err) || performance.now() > deadline) throw err
      if (isFirst) log.warn({ err }, 'the database does not answer yet; waiting up to 60 s for it')
    }
    await sleep(1000, undefined, stopping && { signal: stopping })
  }
}

/** Keeps an embedded server up: one that dies by itself is started again where its clients expect it. */
async function superviseEmbedded(dataDir: string): Promise<{ url: string; stop(): Promise<void> }> {
  let server = await startPostgres({ dataDir })
  const { url, port } = server
  const stopping = new AbortController()
  const watch = async (): Promise<void> => {
    for (;;) {
      await server.exited
      if (stopping.signal.aborted) return
      log.error('the embedded PostgreSQL ended unexpectedly; starting it again')
      server = await startUntilUp({ dataDir, port }, stopping.signal)
      if (stopping.signal.aborted) return server.stop()
    }
  }
  const watching = watch().catch((error: unknown) => {
    if (!stopping.signal.aborted) log.error({ err: error }, 'the embedded PostgreSQL is no longer watched')
  })
  const stop = async () => {
    stopping.abort()
    await server.stop()
    await watching
  }
  return { url, stop }
}

async function startUntilUp(options: StartPostgresOptions, signal: AbortSignal): Promise<PostgresServer> {
  for (;;) {
    try {
      return await startPostgres(options)
    } catch (error) {
      log.error({ err: error }, 'the embedded PostgreSQL did not start')
      await sleep(1000, undefined, { signal })
    }
  }
}
