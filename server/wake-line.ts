import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { Db } from '@/lib/db/client'
import { log } from '@/lib/log'
import { onWake, wake } from '@/lib/tasks/wake'
import { readWakeMessage, sendWakeMessages, wakeChannel } from '@/server/wake-messages'
import { createWakeSender } from '@/server/wake-sender'

/** `deaf`: connected, but nothing arrives, as through a pooler in transaction mode. `down`: no connection. */
export type WakeLineState = 'up' | 'deaf' | 'down'
export type WakeLineOptions = {
  url: string
  db: Db
  /** Wake-ups may have been missed until now: look at the queues. */
  onUp: () => void
  /** Told when it changes. */
  onState?: (state: WakeLineState, error?: unknown) => void
}
export type WakeLine = { close: () => Promise<void> }

/** By this name it is found in `pg_stat_activity`. */
export const wakeLineName = 'sallyport wake line'
const probeEveryMs = 30_000
const answerWithinMs = 5_000
const goodbyeMs = 1_000
const reconnectMs = { least: 250, most: 10_000 }
/** A pooler does not change its ways within a minute. */
const deafRetryMs = 60_000

/**
 * Portal processes on one database wake each other's held polls by LISTEN and NOTIFY, on one connection of its own beside
 * the pool. It hears its own probes, so that it knows whether it hears at all; where it does not, the look at the queue
 * every second remains.
 */
export function openWakeLine({ url, db, onUp, onState = logState }: WakeLineOptions): WakeLine {
  const me = crypto.randomUUID()
  const stopping = new AbortController()
  const sender = createWakeSender(db, me, (err) => log.debug({ err }, 'a wake-up was not sent'))
  const unsubscribe = onWake((wakes, source) => source === 'here' && sender.add(wakes))
  const echoes = new Echoes(db, me)
  let state: WakeLineState | undefined

  const enter = (next: WakeLineState, error?: unknown) => {
    if (stopping.signal.aborted || next === state) return
    state = next
    onState(next, error)
  }
  const hear = ({ payload = '' }: { payload?: string | undefined }) => {
    const message = readWakeMessage(payload)
    if (message?.from === me) echoes.heard(message.probe)
    else if (message) wake(message.wakes, 'elsewhere')
  }
  /** Listens until the connection ends or falls silent; answers how long to wait before the next one. */
  const listen = async (): Promise<number> => {
    await using connection = await connect(url, hear)
    if (!(await echoes.probe(stopping.signal))) {
      enter('deaf')
      return deafRetryMs
    }
    enter('up')
    onUp()
    do await Promise.race([connection.ended, pause(probeEveryMs, stopping.signal)])
    while (!connection.isOver() && (await echoes.probe(stopping.signal)))
    enter('down')
    return reconnectMs.least
  }
  const run = async () => {
    let waitMs = reconnectMs.least
    while (!stopping.signal.aborted) {
      try {
        waitMs = await listen()
      } catch (error) {
        enter('down', error)
        waitMs = Math.min(waitMs * 2, reconnectMs.most)
      }
      await pause(waitMs, stopping.signal)
    }
  }
  const running = run()
  return {
    async close() {
      stopping.abort()
      unsubscribe()
      await Promise.all([running, sender.stop()])
    },
  }
}

type Connection = AsyncDisposable & { ended: Promise<void>; isOver: () => boolean }

async function connect(
  url: string,
  hear: (message: { payload?: string | undefined }) => void,
): Promise<Connection> {
  const socket = new Socket()
  const client = new Client({
    connectionString: url,
    application_name: wakeLineName,
    keepAlive: true,
    connectionTimeoutMillis: answerWithinMs,
    query_timeout: answerWithinMs,
    stream: () => socket,
  })
  let over = false
  const ended = new Promise<void>((resolve) => {
    client.once('end', () => {
      over = true
      resolve()
    })
  })
  // Its end follows.
  client.on('error', () => {})
  client.on('notification', hear)
  const close = async () => {
    // A connection that fell silent does not say goodbye.
    await Promise.race([client.end(), sleep(goodbyeMs)]).catch(() => {})
    socket.destroy()
  }
  try {
    await client.connect()
    await client.query(`LISTEN ${wakeChannel}`)
  } catch (error) {
    await close()
    throw error
  }
  return { ended, isOver: () => over, [Symbol.asyncDispose]: close }
}

/** Messages of this process to itself. */
class Echoes {
  readonly #db: Db
  readonly #from: string
  readonly #awaited = new Map<number, () => void>()
  #last = 0

  constructor(db: Db, from: string) {
    this.#db = db
    this.#from = from
  }

  heard(probe: number | undefined): void {
    if (probe !== undefined) this.#awaited.get(probe)?.()
  }

  /** Whether a message sent now comes back. */
  async probe(signal: AbortSignal): Promise<boolean> {
    const probe = (this.#last += 1)
    const echo = new Promise<true>((resolve) => this.#awaited.set(probe, () => resolve(true)))
    const over = new AbortController()
    try {
      await sendWakeMessages(this.#db, [{ from: this.#from, probe, wakes: [] }])
      const silence = pause(answerWithinMs, AbortSignal.any([signal, over.signal]))
      return (await Promise.race([echo, silence])) === true
    } finally {
      over.abort()
      this.#awaited.delete(probe)
    }
  }
}

/** Waits; an abort ends the wait without an error. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}

function logState(state: WakeLineState, err?: unknown): void {
  if (state === 'up') log.info('portal processes on this database wake each other')
  else if (state === 'down')
    log.warn(
      { err },
      'the connection for notifications was lost; until it is back, queues are looked at every second',
    )
  else
    log.warn(
      'notifications of PostgreSQL do not arrive, as behind a pooler in transaction mode; what other portal processes queue is found by a look every second',
    )
}
