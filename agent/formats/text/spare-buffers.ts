import { message, messageHeadBytes } from '../../connectors/postgresql/raw-exchange.ts'

/** So many are on their way to the socket at most; what is more is left to the garbage collector. */
const mostSpare = 8
const step = 64 << 10

/**
 * Buffers that go round. V8 collects large buffers late, because they hardly count in its heap: a thread that makes a new one
 * for every piece of text holds 60 MB of dead ones.
 */
export class SpareBuffers {
  readonly #spare: ArrayBufferLike[] = []

  take(length: number): Buffer {
    const index = this.#spare.findIndex(({ byteLength }) => byteLength >= length)
    const [found] = index < 0 ? [] : this.#spare.splice(index, 1)
    return Buffer.from(found ?? new ArrayBuffer(Math.ceil(length / step) * step), 0, length)
  }

  /** A copy of the bytes as CopyData: in a message of their own, unless they are messages already. */
  copyData(bytes: Uint8Array, areMessages: boolean): Buffer {
    if (!areMessages) return message('d', bytes, this.take(messageHeadBytes + bytes.length))
    const own = this.take(bytes.length)
    own.set(bytes)
    return own
  }

  /** Nobody may read or write it any more. */
  giveBack({ buffer }: Uint8Array): void {
    if (this.#spare.length < mostSpare) this.#spare.push(buffer)
  }
}
