import { pino } from 'pino'

/** Structured, one JSON object per line; values of secret-like keys never print. The process's edge sets the level. */
export const log = pino({
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: {
    paths: [
      'password',
      'secret',
      'token',
      'authKey',
      'accountKey',
      '*.password',
      '*.secret',
      '*.token',
      '*.authKey',
      '*.accountKey',
    ],
    censor: '[hidden]',
  },
})
