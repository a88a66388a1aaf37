import type { ClientBase } from 'pg'

/** Longer than the slowest work between two statements: hashing a password when many wait for it. */
const mostIdle = '60s'

/**
 * A portal that loses its machine, or freezes, in the middle of a transaction keeps its locks until PostgreSQL notices: by
 * TCP alone after two hours, in which nobody of its tenant could write. Told with each `begin`, in one message: nothing may
 * be set for a session (lib/db/client.ts).
 */
export function limitIdleTransactions(client: ClientBase): void {
  const submit = client.query.bind(client) as (statement: unknown, ...rest: unknown[]) => unknown
  const limited = (statement: unknown, ...rest: unknown[]) =>
    submit(isBegin(statement) ? { ...statement, text: `${statement.text}; ${limit}` } : statement, ...rest)
  client.query = limited as ClientBase['query']
}

const limit = `set local idle_in_transaction_session_timeout = '${mostIdle}'`

function isBegin(statement: unknown): statement is { text: string } {
  if (typeof statement !== 'object' || statement === null || !('text' in statement)) return false
  return typeof statement.text === 'string' && /^begin\b/.test(statement.text)
}
