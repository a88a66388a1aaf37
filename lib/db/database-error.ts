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

/** The one place that reads PostgreSQL's error codes. `retry`: a serialization failure or deadlock, to be tried once more. */
export function translateDatabaseError(error: unknown): unknown {
  const { code, constraint } = postgresError(error)
  if (code === '40001' || code === '40P01') return 'retry'
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
  // 08: connection lost, 53300: too many connections, 57P: shutting down, crashed or starting up.
  if (/^(08...|53300|57P..)$/.test(postgresError(error).code ?? '')) return true
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && networkCodes.test(String(at.code))) return true
    if (
      /Connection terminated|timeout exceeded when trying to connect|Client has encountered/.test(at.message)
    )
      return true
  }
  return false
}
const networkCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/

/** drizzle wraps the driver's error as `cause`. */
function postgresError(error: unknown): { code?: string; constraint?: string } {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && /^[0-9A-Z]{5}$/.test(at.code)) {
      const constraint = 'constraint' in at && typeof at.constraint === 'string' ? at.constraint : undefined
      return constraint === undefined ? { code: at.code } : { code: at.code, constraint }
    }
  }
  return {}
}
