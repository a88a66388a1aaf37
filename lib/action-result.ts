import type { ErrorCode, FieldErrors } from './errors'

/** What every server action answers: errors are values at the edge. `ref` is a reference that the log knows. */
export type ActionError = { code: ErrorCode; message: string; fields?: FieldErrors; ref?: string }
export type ActionResult<Data> = { ok: true; data: Data } | { ok: false; error: ActionError }
