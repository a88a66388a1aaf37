import { once } from 'node:events'
import type { Client } from 'pg'
import type { CopyFrameScanner } from '../../digest/copy-frame-scanner.ts'
import { message, messageHead, RawExchange } from './raw-exchange.ts'

type Explain = (error: Error) => Error

/**
 * Rows of one `COPY … TO STDOUT`, digested by `scanner` as they arrive. Read to the end and give each chunk back, or destroy the
 * client: chunks that are out hold the server back.
 */
export class CopyOut {
  readonly #exchange: RawExchange
  readonly #queue: Buffer[] = []
  #isCopying = false
  #isOver = false
  #wake: (() => void) | null = null

  constructor(
    client: Client,
    sql: string,
    { scanner, explain }: { scanner: CopyFrameScanner; explain: Explain },
  ) {
    scanner.nextCopy()
    this.#exchange = new RawExchange(client, sql, {
      explain,
      copyOutReady: () => {
        this.#isCopying = true
      },
      data: (chunk) => this.#take(chunk, scanner),
    })
    const over = () => {
      this.#isOver = true
      this.#wake?.()
    }
    this.#exchange.finished.then(over, over)
  }

  /** The next CopyData messages as the server framed them (cut anywhere), or null at the end. */
  async read(): Promise<Buffer | null> {
    while (this.#queue.length === 0 && !this.#isOver) await this.#arrival()
    const chunk = this.#queue.shift()
    if (!chunk) {
      await this.#exchange.finished
      return null
    }
    return chunk
  }

  /** The chunk may be overwritten from now on. */
  readonly done = (chunk: Uint8Array): void => this.#exchange.done(chunk)

  /** How many rows the server says it sent; known at the end. */
  async rows(): Promise<bigint> {
    return rowsOf(await this.#exchange.finished)
  }

  #take(chunk: Buffer, scanner: CopyFrameScanner): number {
    if (!this.#isCopying) return 0
    const taken = scanner.scan(chunk)
    if (taken === 0) return 0
    this.#queue.push(chunk.subarray(0, taken))
    this.#wake?.()
    return taken
  }

  #arrival(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    return promise
  }
}

/** One `COPY … FROM STDIN`. End it with `finish` or `fail`, or destroy the client. */
export class CopyIn {
  readonly #exchange: RawExchange

  private constructor(exchange: RawExchange) {
    this.#exchange = exchange
  }

  static async start(client: Client, sql: string, explain: Explain): Promise<CopyIn> {
    const ready = Promise.withResolvers<void>()
    const exchange = new RawExchange(client, sql, { explain, copyInReady: ready.resolve })
    await Promise.race([ready.promise, exchange.finished])
    return new CopyIn(exchange)
  }

  /** Sends CopyData messages as they are; the buffer must not change until it was `sent`. Waits while the server is behind. */
  async writeMessages(bytes: Uint8Array, sent?: (bytes: Uint8Array) => void): Promise<void> {
    if (this.#exchange.failure) throw await this.#refusal()
    if (this.#exchange.socket.write(bytes, sent && (() => sent(bytes)))) return
    await Promise.race([once(this.#exchange.socket, 'drain'), this.#exchange.finished])
  }

  /** Sends bytes of the COPY's format, cut anywhere, in one message; the buffer must not change until it was `sent`. */
  async writeLent(bytes: Uint8Array, sent: () => void): Promise<void> {
    // A head without its body would take the next query for it.
    if (this.#exchange.failure) throw await this.#refusal()
    const { socket } = this.#exchange
    socket.cork()
    try {
      socket.write(messageHead('d', bytes.length))
      return this.writeMessages(bytes, sent) // not awaited here: nothing drains before it is uncorked
    } finally {
      socket.uncork()
    }
  }

  /** Sends bytes of the COPY's format, cut anywhere. */
  writeData(bytes: Uint8Array): Promise<void> {
    return this.writeMessages(message('d', bytes))
  }

  /** Returns how many rows the server took. They are visible to others when the transaction commits. */
  async finish(): Promise<bigint> {
    this.#exchange.socket.write(message('c', new Uint8Array()))
    return rowsOf(await this.#exchange.finished)
  }

  /** Gives the copy up; the transaction is then aborted. */
  async fail(reason: string): Promise<void> {
    this.#exchange.socket.write(message('f', Buffer.from(`${reason}\0`)))
    await this.#exchange.finished.catch(() => {})
  }

  /** After an error the server waits for the end of the copy only if it has not become ready already. */
  async #refusal(): Promise<unknown> {
    return this.#exchange.finished.then(
      () => this.#exchange.failure,
      (error: unknown) => error,
    )
  }
}

function rowsOf(tags: readonly string[]): bigint {
  const tag = tags.findLast((text) => text.startsWith('COPY '))
  return BigInt(tag?.slice('COPY '.length) ?? 0)
}
