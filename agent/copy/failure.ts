import type { Failure, FailureCode } from '../../lib/protocol/failure.ts'

type Side = NonNullable<Failure['side']>

/** A failure with a reason that a person can act on. Its message never carries a secret or a value of the copied data. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure'
  readonly code: FailureCode
  readonly side: Side | undefined
  readonly retryable: boolean

  constructor(
    code: FailureCode,
    message: string,
    options: { side?: Side | undefined; retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.side = options.side
    this.retryable = options.retryable ?? retryableByDefault.has(code)
  }

  /** As another thread told it. */
  static from({ code, message, side, retryable }: Failure): TaskFailure {
    return new TaskFailure(code, message, { side, retryable })
  }

  toFailure(): Failure {
    const { code, retryable, side } = this
    return { code, message: this.message.slice(0, 4000), retryable, ...(side && { side }) }
  }
}

const retryableByDefault: ReadonlySet<FailureCode> = new Set([
  'source_unreachable',
  'sink_unreachable',
  'dns_failed',
  'store_conflict',
  'agent_lost',
  'timeout',
  'verification_failed',
])

/** Which end an error came from, and what it was about: names only. */
export type FailurePlace = {
  /** Absent for interactive requests, which know only one store. */
  side?: 'source' | 'sink' | undefined
  /** The linked service's name. */
  store: string
  /** `host:port`, table, container or folder, where known. */
  object?: string | undefined
}

/** Turns whatever a driver threw into a failure that names the thing, its state and the side. Pure; our own failures pass unchanged. */
export function failureFrom(error: unknown, place: FailurePlace): TaskFailure {
  if (error instanceof TaskFailure) return error
  const code = codeOf(error)
  // The system's codes first: EPIPE has five letters, as PostgreSQL's codes do.
  const known =
    (code && (fromNetwork(code, place) ?? fromPostgres(code, error, place))) || fromMessage(error, place)
  const { code: failureCode, text, retryable } = known ?? unknownFailure(error)
  return new TaskFailure(failureCode, `${subject(place)} ${text}`, {
    side: place.side,
    cause: error,
    ...(retryable !== undefined && { retryable }),
  })
}

type Known = { code: FailureCode; text: string; retryable?: boolean }

function subject({ side, store, object }: FailurePlace): string {
  const role = side === undefined ? 'Store' : side === 'source' ? 'Source' : 'Sink'
  return object ? `${role} “${store}” (${object}):` : `${role} “${store}”:`
}

function unreachable({ side }: FailurePlace): FailureCode {
  return side === 'sink' ? 'sink_unreachable' : 'source_unreachable'
}

function fromNetwork(code: string, place: FailurePlace): Known | null {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { code: 'dns_failed', text: 'the host name could not be resolved.' }
  const text = networkTexts[code]
  if (text) return { code: unreachable(place), text }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return { code: 'sink_full', text: 'no space left on the device.' }
  if (code === 'EFBIG')
    return {
      code: 'sink_full',
      text: "the file would be larger than the file system or a limit of the node's user allows.",
    }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return { code: 'permission_denied', text: `the node's user may not open it (${code}).` }
  if (code === 'ENOENT' || code === 'ENOTDIR') return { code: 'not_found', text: 'does not exist.' }
  if (tlsCodes.test(code)) return { code: 'tls_failed', text: `the TLS connection was refused (${code}).` }
  return null
}

const networkTexts: Record<string, string> = {
  ECONNREFUSED: 'nothing listens at this address and port.',
  ECONNRESET: 'the connection was cut.',
  EPIPE: 'the connection was cut.',
  ETIMEDOUT: 'no answer in time.',
  EHOSTUNREACH: 'there is no route to the host.',
  ENETUNREACH: 'there is no route to the network.',
  EHOSTDOWN: 'the host is down.',
}
/** Node's certificate errors (https://nodejs.org/api/tls.html#x509-certificate-error-codes) and OpenSSL's own. */
const tlsCodes =
  /^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/

/** Only what carries no data of the copied rows is repeated: never `detail`, and `message` only where it quotes names. */
function fromPostgres(code: string, error: unknown, place: FailurePlace): Known | null {
  if (!/^[0-9A-Z]{5}$/.test(code)) return null
  const fields = error as PostgresFields
  const exact = bySqlState[noPartition(code, fields) ? 'no partition' : code]
  if (exact) return { ...exact, text: sentence(exact, fields) }
  const byClass = bySqlClass[code.slice(0, 2)]
  if (!byClass) return { code: 'internal', text: `the server answered with error ${code}.` }
  if (byClass.code === 'source_unreachable')
    return { code: unreachable(place), text: quoted(fields), retryable: true }
  return { ...byClass, text: sentence(byClass, fields) }
}

function sentence({ text }: SqlRule, fields: PostgresFields): string {
  return `${(text ?? quoted(fields)).replace(/\.$/, '')}${position(fields)}.`
}

type PostgresFields = {
  message?: string
  constraint?: string
  column?: string
  table?: string
  where?: string
}
type SqlRule = { code: FailureCode; text?: string; retryable?: boolean }

/** SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html. A rule without text repeats the server's message. */
const bySqlState: Record<string, SqlRule> = {
  '21000': {
    code: 'key_violation',
    text: 'the source holds the same key twice, so an upsert cannot tell which row is right.',
  },
  '22021': { code: 'invalid_data', text: 'a text is not valid in its encoding (not UTF-8, or with a NUL)' },
  '22P04': {
    code: 'invalid_data',
    text: 'the file does not have the form that COPY expects: every row with all its fields, and line ends that are all alike',
  },
  '22P05': {
    code: 'invalid_data',
    text: 'a text holds a character that the database, with its encoding, cannot hold',
  },
  '23502': { code: 'invalid_data', text: 'a NULL reached a column that does not allow it' },
  '23503': { code: 'key_violation', text: 'a row refers to a row that does not exist' },
  '23505': { code: 'key_violation', text: 'a key occurs twice' },
  '23514': { code: 'invalid_data', text: 'a row breaks a check constraint' },
  'no partition': { code: 'invalid_data', text: 'no partition of the table takes a row' },
  '23P01': { code: 'key_violation', text: 'a row breaks an exclusion constraint' },
  '25006': {
    code: 'permission_denied',
    text: 'the server or the login is read-only (a standby, or default_transaction_read_only)',
  },
  '28P01': { code: 'login_failed', text: 'the user name or password is wrong.' },
  '3D000': { code: 'not_found' },
  '3F000': { code: 'not_found' },
  '42501': { code: 'permission_denied' },
  '42703': { code: 'schema_mismatch' },
  '42704': { code: 'type_unsupported' },
  '42804': { code: 'type_unsupported' },
  '42846': { code: 'type_unsupported' },
  '42883': { code: 'type_unsupported' },
  '42P01': { code: 'not_found' },
  '42P07': { code: 'already_exists' },
  '53100': { code: 'sink_full', text: 'the disk of the server is full.' },
  '53200': { code: 'timeout', text: 'the server is out of memory.', retryable: true },
  '53300': { code: 'timeout', text: 'the server has no free connection.', retryable: true },
  '55000': { code: 'schema_mismatch' },
  '55P03': { code: 'store_conflict', text: 'another session holds a lock on the table.' },
  '57014': { code: 'timeout', text: 'the server cancelled the statement (statement timeout?).' },
  P0001: {
    code: 'invalid_data',
    text: 'a trigger or function of the database refused it (RAISE EXCEPTION).',
  },
  '72000': { code: 'store_conflict', text: 'the snapshot is too old.' },
}
const bySqlClass: Record<string, SqlRule> = {
  '08': { code: 'source_unreachable' },
  '0A': { code: 'type_unsupported' },
  '22': { code: 'invalid_data', text: 'a value does not fit the type of its column' },
  '23': { code: 'key_violation', text: 'a constraint is broken' },
  '25': { code: 'store_conflict', text: 'the transaction was ended by the server.' },
  '28': { code: 'login_failed' },
  '40': {
    code: 'store_conflict',
    text: 'the server rolled the transaction back because of concurrent work.',
  },
  '42': { code: 'schema_mismatch' },
  '53': { code: 'sink_full', text: 'the server is short of resources.' },
  '54': { code: 'type_unsupported' },
  '55': { code: 'store_conflict', text: 'the table is in use.' },
  '57': { code: 'source_unreachable' },
  '58': { code: 'source_unreachable' },
}

/** The server gives it the code of a check constraint, but has none to name. */
function noPartition(code: string, { constraint }: PostgresFields): boolean {
  return code === '23514' && constraint === undefined
}

function quoted({ message }: PostgresFields): string {
  return `${(message ?? 'no reason given').slice(0, 500)}.`
}

/** Constraint, column and line of the input, but never the value that the server quotes behind them. */
function position({ constraint, column, where }: PostgresFields): string {
  const copied = /^COPY [^,]+, line (\d+)(?:, column ([^:]+))?/.exec(where ?? '')
  const parts = [
    constraint && `constraint ${constraint}`,
    (column ?? copied?.[2]) && `column ${column ?? copied?.[2]}`,
    copied && `row ${copied[1]} of the chunk`,
  ].filter(Boolean)
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}

/** pg throws these without any code. */
function fromMessage(error: unknown, place: FailurePlace): Known | null {
  const message = error instanceof Error ? error.message : ''
  if (/does not support SSL/.test(message))
    return { code: 'tls_failed', text: 'the server does not offer TLS.' }
  if (/SASL|password must be a string|client password/i.test(message))
    return { code: 'login_failed', text: 'the server asks for a password that could not be given.' }
  if (/timeout expired|timed? ?out/i.test(message))
    return { code: unreachable(place), text: 'no answer in time.' }
  if (/Connection terminated|not queryable|Client was closed|socket hang up|other side closed/i.test(message))
    return { code: unreachable(place), text: 'the connection was cut.' }
  return null
}

function unknownFailure(error: unknown): Known {
  const kind = error instanceof Error ? error.name : typeof error
  return { code: 'internal', text: `an unexpected ${kind} stopped the task.` }
}

/** The code of the innermost error that has one: drivers wrap. */
function codeOf(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Object && depth < 5; depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code
    if (at instanceof AggregateError && at.errors.length > 0) at = at.errors[0]
    else at = 'cause' in at ? at.cause : null
  }
  return null
}
