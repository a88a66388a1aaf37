import { stripVTControlCharacters } from 'node:util'
import { type DestinationStream, pino } from 'pino'
import { processShared } from '@/lib/process-shared'

const secretKeys = ['password', 'secret', 'token', 'authKey', 'accountKey']

/** Structured, one JSON object per line; values of secret-like keys never print. The process's edge sets the level. */
export const log = processShared('log', () =>
  pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
      serializers: { err: printableError },
    },
    standardOutput(),
  ),
).value

/**
 * Pino's own way to it throws where a line cannot be written, and tries a fatal one for ever. A log on a full disk loses
 * lines; its writer goes on.
 */
function standardOutput(): DestinationStream {
  process.stdout.on('error', () => {})
  return { write: (line) => void process.stdout.write(line) }
}

/** Next and libraries write to the console; their lines join the log, with the same care for errors. */
export function takeOverConsole(): void {
  const quiet = writer('debug')
  Object.assign(console, {
    debug: quiet,
    log: quiet,
    info: quiet,
    warn: writer('warn'),
    error: writer('error'),
  })
}

function writer(level: 'debug' | 'warn' | 'error') {
  return (...parts: unknown[]) => {
    const error = parts.find((part) => part instanceof Error)
    const text = parts.filter((part) => typeof part === 'string').join(' ')
    log[level]({ ...(error ? { err: error } : {}), from: 'console' }, stripVTControlCharacters(text))
  }
}

type PrintableError = { type: string; message: string; code?: string; stack?: string; cause?: unknown }

/**
 * What a log may keep of an error. Nothing else that hangs on it: drivers attach connections, rows and parameters. A
 * failed query's message ends with its parameters; those stay out too.
 */
export function printableError(error: unknown): PrintableError | string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error
  const message = withoutParameters(error.message)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return {
    type: error.name,
    message,
    ...(code ? { code } : {}),
    ...(error.stack ? { stack: error.stack.replace(error.message, () => message) } : {}),
    ...(error.cause ? { cause: printableError(error.cause) } : {}),
  }
}

/** drizzle's DrizzleQueryError: `Failed query: <sql>\nparams: <values>`. */
function withoutParameters(message: string): string {
  return message.startsWith('Failed query:') ? message.replace(/\nparams: [\s\S]*$/, '') : message
}
