import { pino } from 'pino'
import { processShared } from '@/lib/process-shared'

const secretKeys = ['password', 'secret', 'token', 'authKey', 'accountKey']

/** Structured, one JSON object per line; values of secret-like keys never print. The process's edge sets the level. */
export const log = processShared('log', () =>
  pino({
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
  }),
).value
