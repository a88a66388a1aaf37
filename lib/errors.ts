/** One class, few codes, one table: the status each code travels with. */
export const statusByCode = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const
export type ErrorCode = keyof typeof statusByCode
export type FieldErrors = Record<string, string[]>

/** An error that a person may read: it names the thing, its state and the remedy. Anything else thrown is a bug. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly fields: FieldErrors | undefined
  constructor(code: ErrorCode, message: string, options: { fields?: FieldErrors; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.fields = options.fields
  }
}

export const invalidInput = (message: string, fields?: FieldErrors) =>
  new AppError('invalid_input', message, fields ? { fields } : {})
export const unauthenticated = () =>
  new AppError('unauthenticated', 'You are not signed in. Sign in and try again')
export const forbidden = (message: string) => new AppError('forbidden', message)
/** An id tells a person nothing: only names are quoted. */
export const notFound = (what: string, name: string) =>
  new AppError(
    'not_found',
    `Cannot find ${what}${uuid.test(name) ? '' : ` "${name}"`}: it does not exist, or it was deleted`,
  )
export const conflict = (message: string, fields?: FieldErrors) =>
  new AppError('conflict', message, fields ? { fields } : {})
export const rateLimited = (message: string) => new AppError('rate_limited', message)

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Data Factory asks for the name of a thing before it goes; so do we. */
export function requireTypedName(confirmName: string, name: string): void {
  if (confirmName === name) return
  throw invalidInput(`Type "${name}" to confirm`, { confirmName: [`Type "${name}" to confirm`] })
}
