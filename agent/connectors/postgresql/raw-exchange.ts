import type { Duplex } from 'node:stream'
import type { Client } from 'pg'
import { type Intake, openIntake } from './intake.ts'

/** An ErrorResponse of the server, with the fields that `failureFrom` reads (protocol-error-fields in PostgreSQL's manual). */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: string
  readonly constraint: string | undefined
  readonly column: string | undefined
  readonly where: string | undefined

  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get('M') ?? 'the server reported an error')
    this.code = fields.get('C') ?? 'XX000'
    this.constraint = fields.get('n')
    this.column = fields.get('c')
    this.where = fields.get('W')
  }
}

export type ExchangeEvents = {
  /** Turns an error of the server or the connection into what the task throws. */
  explain: (error: Error) => Error
  /**
   * Takes CopyData messages at the chunk's start and returns how many bytes they are; they stay the taker's until it says
   * `done`. Absent where none are expected.
   */
  data?: (chunk: Buffer) => number
  copyInReady?: () => void
  copyOutReady?: () => void
}

const typeOf = (letter: string) => letter.charCodeAt(0)
const [error, complete, ready] = [typeOf('E'), typeOf('C'), typeOf('Z')]
const [copyIn, copyOut] = [typeOf('G'), typeOf('H')]
const none = Buffer.alloc(0)
/** Type and length (protocol-message-formats in PostgreSQL's manual). */
export const messageHeadBytes = 5

/**
 * One simple query over the socket of an idle `pg` client, with the raw answer in our hands: rows of a COPY pass as the
 * server framed them, and nothing is parsed but the few messages around them. While it runs, the client must not be used.
 */
export class RawExchange {
  readonly socket: Duplex
  /** Command tags when the server is ready for the next query; rejects with the first error it reported. */
  readonly finished: Promise<readonly string[]>
  /** The server refused or the connection broke: whatever is still sent is thrown away. */
  failure: Error | null = null
  readonly #events: ExchangeEvents
  readonly #intake: Intake
  readonly #tags: string[] = []
  readonly #settle = Promise.withResolvers<readonly string[]>()
  #pending: Buffer = none

  constructor(client: Client, sql: string, events: ExchangeEvents) {
    this.socket = client.connection.stream
    this.#events = events
    this.finished = this.#settle.promise
    this.finished.catch(() => {}) // always awaited by the owner, but perhaps only after more data was read
    this.#intake = openIntake(this.socket, this.#onData, { isBulk: events.data !== undefined })
    this.socket.on('close', this.#onClose)
    this.socket.on('error', this.#onClose)
    if (this.socket.destroyed) this.#onClose()
    else this.socket.write(queryMessage(sql))
  }

  /** The taker of data is through with this piece of it. */
  done(piece: Uint8Array): void {
    this.#intake.done(piece)
  }

  readonly #onData = (chunk: Buffer): void => {
    let rest = chunk
    if (this.#pending.length > 0) {
      rest = Buffer.concat([this.#pending, chunk])
      this.#intake.moved(chunk)
    }
    this.#pending = none
    while (rest.length > 0) {
      const taken = this.#events.data?.(rest) ?? 0
      rest = rest.subarray(taken)
      const length = rest.length < 5 ? Infinity : 1 + rest.readUInt32BE(1)
      if (rest.length < length) {
        this.#pending = Buffer.from(rest)
        this.#intake.moved(rest)
        return
      }
      this.#onMessage(rest[0] ?? 0, rest.subarray(5, length))
      this.#intake.done(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }

  #onMessage(type: number, body: Buffer): void {
    if (type === copyIn) this.#events.copyInReady?.()
    else if (type === copyOut) this.#events.copyOutReady?.()
    else if (type === complete) this.#tags.push(body.toString('utf8', 0, body.length - 1))
    else if (type === error) this.failure ??= this.#events.explain(new ServerError(errorFields(body)))
    else if (type === ready) this.#end()
  }

  #end(): void {
    this.#detach()
    if (this.failure) this.#settle.reject(this.failure)
    else this.#settle.resolve(this.#tags)
  }

  readonly #onClose = (cause?: unknown): void => {
    this.#detach()
    const broken = cause instanceof Error ? cause : new Error('Connection terminated unexpectedly')
    this.failure ??= this.#events.explain(broken)
    this.#settle.reject(this.failure)
  }

  /** Gives the socket back to the client. */
  #detach(): void {
    this.socket.off('close', this.#onClose)
    this.socket.off('error', this.#onClose)
    this.#intake.stop()
  }
}

function queryMessage(sql: string): Buffer {
  return message('Q', Buffer.from(`${sql}\0`))
}

/** A message of the protocol, in a buffer of its own or in one that is given for its whole length. */
export function message(
  type: string,
  body: Uint8Array,
  into: Buffer = Buffer.allocUnsafe(messageHeadBytes + body.length),
): Buffer {
  into.set(messageHead(type, body.length))
  into.set(body, messageHeadBytes)
  return into
}

export function messageHead(type: string, bodyBytes: number): Buffer {
  const head = Buffer.allocUnsafe(messageHeadBytes)
  head.write(type)
  head.writeUInt32BE(bodyBytes + 4, 1)
  return head
}

function errorFields(body: Buffer): Map<string, string> {
  const fields = new Map<string, string>()
  for (const field of body.toString('utf8').split('\0'))
    if (field) fields.set(field.slice(0, 1), field.slice(1))
  return fields
}
