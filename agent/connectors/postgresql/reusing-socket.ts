import { Socket } from 'node:net'

/** Large enough for the kernel to hand over much at once; all together little enough to stay in a processor's cache. */
const slotBytes = 128 << 10
const slotCount = 16
/** For answers outside of a copy. */
const smallBytes = 16 << 10

/**
 * A TCP socket that reads a copy's rows into the same memory again and again. The usual way, a new buffer for each read, makes
 * the collector a third of the cost of a copy. Lent slots come back by `giveBack`; while all are out, nothing is read.
 */
export class ReusingSocket extends Socket {
  readonly #reading: Reading

  constructor() {
    const reading = new Reading()
    super({
      onread: {
        buffer: () => reading.next(),
        callback: (length, buffer) => this.#arrived(buffer.subarray(0, length)),
      },
    })
    this.#reading = reading
  }

  /**
   * From now on what arrives goes to `receiver` in lent slots, each piece of which is given back; null: to the "data" event,
   * as usual.
   */
  lendTo(receiver: ((chunk: Buffer) => void) | null): void {
    this.#reading.receiver = receiver
  }

  giveBack(piece: Uint8Array): void {
    if (this.#reading.giveBack(piece)) this.resume()
  }

  /** False pauses the socket. */
  #arrived(chunk: Uint8Array): boolean {
    const { receiver } = this.#reading
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (receiver) receiver(this.#reading.lend(bytes) ? bytes : Buffer.from(bytes))
    else this.emit('data', Buffer.from(bytes))
    return !this.#reading.isBlocked
  }
}

/** Which memory the next read fills, and which is lent out. */
class Reading {
  receiver: ((chunk: Buffer) => void) | null = null
  readonly #small = Buffer.allocUnsafeSlow(smallBytes)
  #slots: Buffer | null = null
  /** Lent bytes by slot. */
  readonly #lent = Array.from({ length: slotCount }, () => 0)
  #next = 0

  next(): Uint8Array {
    if (!this.receiver) return this.#small
    this.#slots ??= Buffer.allocUnsafeSlow(slotBytes * slotCount)
    const start = this.#next * slotBytes
    return this.#slots.subarray(start, start + slotBytes)
  }

  /** The next read would overwrite a slot that is out. */
  get isBlocked(): boolean {
    return this.receiver !== null && this.#lent[this.#next] !== 0
  }

  /** False where the bytes are not in a slot: their read was begun before slots were wanted. */
  lend(bytes: Buffer): boolean {
    const slot = this.#slotOf(bytes)
    if (slot === null) return false
    this.#lent[slot] = bytes.length
    this.#next = (slot + 1) % slotCount
    return true
  }

  /** True when reading can go on. */
  giveBack(piece: Uint8Array): boolean {
    const slot = this.#slotOf(piece)
    if (slot === null) return false
    const wasBlocked = this.isBlocked
    this.#lent[slot] = (this.#lent[slot] ?? 0) - piece.byteLength
    return wasBlocked && !this.isBlocked
  }

  #slotOf({ buffer, byteOffset }: Uint8Array): number | null {
    if (!this.#slots || buffer !== this.#slots.buffer) return null
    return Math.floor((byteOffset - this.#slots.byteOffset) / slotBytes)
  }
}
