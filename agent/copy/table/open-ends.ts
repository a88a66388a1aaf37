import { PostgreSqlAddress, type StoreRef } from '../../../lib/protocol/stores.ts'
import { PgSession } from '../../connectors/postgresql/session.ts'
import { TaskFailure } from '../failure.ts'
import type { TaskContext } from '../task-context.ts'
import { sessionName } from './sink/ledger.ts'

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
async function openEnd(
  end: End,
  ctx: Pick<TaskContext, 'secretFor' | 'allowedHosts' | 'signal'>,
): Promise<PgSession> {
  const address = PostgreSqlAddress.safeParse(end.store.address)
  if (!address.success)
    throw new TaskFailure('internal', `“${end.store.linkedServiceName}” is no PostgreSQL store.`)
  const secret = await ctx.secretFor(end.store)
  const applicationName = sessionName(end.runId, end.part, end.epoch)
  const place = { side: end.side, store: end.store.linkedServiceName, object: end.object }
  const { allowedHosts, signal } = ctx
  return PgSession.open({ address: address.data, secret, applicationName, allowedHosts }, place, signal)
}

/** Opens what the work asks for, also several at once, and closes all of it whatever happens. */
export async function withSessions<T>(
  ctx: Pick<TaskContext, 'secretFor' | 'allowedHosts' | 'signal'>,
  work: (open: (end: End) => Promise<PgSession>) => Promise<T>,
): Promise<T> {
  const opened: Promise<PgSession>[] = []
  let isDone = false
  try {
    const result = await work((end) => {
      const session = openEnd(end, ctx)
      opened.push(session)
      return session
    })
    isDone = true
    return result
  } finally {
    const settled = await Promise.allSettled(opened)
    const sessions = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    // After a failure a session may be in the middle of a copy, where it hears nothing polite.
    if (!isDone) for (const session of sessions) session.destroy()
    await Promise.all(sessions.map((session) => session.close()))
  }
}
