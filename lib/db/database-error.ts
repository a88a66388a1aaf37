import { AppError, conflict } from '@/lib/errors'

/** What the unique indexes of the schema mean to a person: the field, and the sentence shown at it. */
const takenBy: Record<string, { field: string; message: string }> = {
  factories_name: { field: 'name', message: 'A factory with this name exists already' },
  runtimes_name: {
    field: 'name',
    message: 'An integration runtime with this name exists already in this factory',
  },
  linked_services_name: {
    field: 'name',
    message: 'A linked service with this name exists already in this factory',
  },
  datasets_name: { field: 'name', message: 'A dataset with this name exists already in this factory' },
  pipelines_name: { field: 'name', message: 'A pipeline with this name exists already in this factory' },
  users_email: { field: 'email', message: 'A user with this address exists already' },
}

/**
 * The one place that reads PostgreSQL's error codes. `retry`: to be tried once more, after a serialization failure, a
 * deadlock, or a statement whose name was refused.
 */
export function translateDatabaseError(error: unknown): unknown {
  const { code, constraint } = postgresError(error)
  if (code === '40001' || code === '40P01' || isNameRefused(error)) return 'retry'
  if (code === '23505') {
    const taken = constraint === undefined ? undefined : takenBy[constraint]
    return taken
      ? conflict(taken.message, { [taken.field]: [taken.message] })
      : new AppError('conflict', 'Somebody else saved the same thing at this moment. Load the page again', {
          cause: error,
        })
  }
  if (code === '23503')
    return new AppError(
      'conflict',
      'Something else still uses it, or it was deleted meanwhile. Load the page again',
      { cause: error },
    )
  return error
}

/** Whether the database could not be asked at all, so that the same request may succeed in a moment. */
export function isDatabaseAway(error: unknown): boolean {
  // 08: connection lost, 25006: it only reads, as after a failover, 25P03: idle too long in a transaction,
  // 53300: too many connections, 57P: shutting down, crashed or starting up.
  if (/^(08...|25006|25P03|53300|57P..)$/.test(postgresError(error).code ?? '')) return true
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && networkCodes.test(String(at.code))) return true
    if (
      /Connection terminated|timeout (exceeded when trying to connect|expired)|Client has encountered/.test(
        at.message,
      )
    )
      return true
  }
  return false
}
const networkCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/

/** Whether it answers, and cannot write for want of room. */
export function isDatabaseFull(error: unknown): boolean {
  return postgresError(error).code === '53100'
}

/**
 * In words, why the database serves nobody for a while; null for an error of the request's own. The same request may
 * succeed later.
 */
export function databaseTrouble(error: unknown): string | null {
  if (isDatabaseFull(error))
    return "The portal's database cannot write: its disk is full. It goes on by itself once there is room"
  return isDatabaseAway(error) ? "The portal's database does not answer" : null
}

/** Whether only the statement's name was wrong: the session behind the connection, or the schema, is another one by now. */
export function isNameRefused(error: unknown): boolean {
  const { code, message = '' } = postgresError(error)
  // invalid_sql_statement_name, duplicate_prepared_statement; and PostgreSQL's own words after a migration.
  if (code === '26000' || code === '42P05') return true
  return code === '0A000' && message.includes('cached plan must not change result type')
}

type PostgresError = { code?: string; message?: string; constraint?: string }

/** drizzle wraps the driver's error as `cause`. */
function postgresError(error: unknown): PostgresError {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && /^[0-9A-Z]{5}$/.test(at.code)) {
      const { code, message } = at
      return 'constraint' in at && typeof at.constraint === 'string'
        ? { code, message, constraint: at.constraint }
        : { code, message }
    }
  }
  return {}
}
