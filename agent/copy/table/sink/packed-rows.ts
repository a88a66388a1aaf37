import type { CopyIn } from '../../../connectors/postgresql/copy-streams.ts'
import { CopyFrameScanner } from '../../../digest/copy-frame-scanner.ts'
import type { RowDigest } from '../../../digest/row-digest.ts'
import { copyHeader, copyTrailer } from '../../rows.ts'

type Into = Pick<CopyIn, 'writeLent' | 'writeMessages'>

/** No more than the scanner takes at once, so that it hands on each piece's rows together. */
const pieceBytes = 256 << 10

/**
 * Hands rows to the sink, many in one message: its server works a twentieth less than with a message for each row, as the
 * source's server frames them. The digest is of the very bytes that are sent.
 */
export class PackedRows {
  readonly #scanner: CopyFrameScanner
  readonly #isBinary: boolean
  /** Of the last scan, in the scanner's memory. */
  #rows: Uint8Array = new Uint8Array()

  constructor(format: 'binary' | 'text') {
    this.#isBinary = format === 'binary'
    this.#scanner = new CopyFrameScanner(format, ({ bytes }) => {
      this.#rows = bytes
    })
  }

  /** Before the first row of a COPY. */
  async begin(into: Into): Promise<void> {
    this.#scanner.nextCopy()
    if (this.#isBinary) await into.writeMessages(copyHeader)
  }

  /** Sends the rows of CopyData messages, cut anywhere. The chunk is overwritten, and given back in pieces by `done`. */
  async write(chunk: Buffer, into: Into, done: (piece: Uint8Array) => void): Promise<void> {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes)
      const rows = this.#pack(piece)
      if (rows.length === 0) done(piece)
      else await into.writeLent(rows, () => done(piece))
    }
  }

  /** After the last row of a COPY. */
  async end(into: Into): Promise<void> {
    if (this.#isBinary) await into.writeMessages(copyTrailer)
  }

  digest(): RowDigest {
    return this.#scanner.digest()
  }

  #pack(piece: Buffer): Uint8Array {
    this.#rows = new Uint8Array()
    this.#scanner.scan(piece)
    // Two bytes that were held back may make them longer than the piece that brings the rest.
    if (this.#rows.length > piece.length) return Buffer.from(this.#rows)
    piece.set(this.#rows)
    return piece.subarray(0, this.#rows.length)
  }
}
