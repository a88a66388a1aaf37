import { stdout } from 'node:process'
import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** Values that must never print, wherever they turn up in a line. Shorter ones would blank out harmless text. */
const minSecretLength = 4

/** JSON lines on standard output. Every secret that was opened is blanked out by value. */
export function createLog(
  level: string,
  destination?: DestinationStream,
): { log: Log; hide: (secret: string) => void } {
  const secrets = new Set<string>()
  const hide = (secret: string) => {
    if (secret.length >= minSecretLength) secrets.add(JSON.stringify(secret).slice(1, -1))
  }
  const target = destination ?? standardOutput
  const stream: DestinationStream = {
    write: (line) => {
      let safe = line
      for (const secret of secrets) safe = safe.replaceAll(secret, '[hidden]')
      target.write(safe)
    },
  }
  return { log: pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream), hide }
}

/**
 * Pino's own way to it throws where a line cannot be written, and tries a fatal one for ever. A log on a full disk loses
 * lines (agent/main.ts hears of it and says nothing); its writer goes on.
 */
const standardOutput: DestinationStream = { write: (line) => void stdout.write(line) }
