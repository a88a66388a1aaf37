import { PostgreSqlAddress, type StoreRef } from '../../../lib/protocol/stores.ts'
import { PgSession } from '../../connectors/postgresql/session.ts'
import { TaskFailure } from '../failure.ts'
import type { TaskContext } from '../task-context.ts'
import { sessionName } from './ledger.ts'

export type End = {
  store: StoreRef
  side: 'source' | 'sink'
  /** The table or query, for messages. */
  object?: string
  runId: string
  part: number | 'run'
  epoch: number
}

/** Opens a session at one end of a copy, named so that a later owner of the task can end it. */
export async function openEnd(end: End, ctx: Pick<TaskContext, 'secretFor' | 'signal'>): Promise<PgSession> {
  const address = PostgreSqlAddress.safeParse(end.store.address)
  if (!address.success)
    throw new TaskFailure('internal', `“${end.store.linkedServiceName}” is no PostgreSQL store.`)
  const secret = await ctx.secretFor(end.store)
  const applicationName = sessionName(end.runId, end.part, end.epoch)
  const place = { side: end.side, store: end.store.linkedServiceName, object: end.object }
  return PgSession.open({ address: address.data, secret, applicationName }, place, ctx.signal)
}

/** Opens what the work needs, and closes all of it whatever happens. */
export async function withSessions<T>(
  work: (track: (session: PgSession) => PgSession) => Promise<T>,
): Promise<T> {
  const opened: PgSession[] = []
  let isDone = false
  try {
    const result = await work((session) => {
      opened.push(session)
      return session
    })
    isDone = true
    return result
  } finally {
    // After a failure a session may be in the middle of a copy, where it hears nothing polite.
    for (const session of opened) if (!isDone) session.destroy()
    await Promise.all(opened.map((session) => session.close()))
  }
}
