import type { MessageDigest } from '../../copy/files/row-format.ts'
import { CsvRecords } from '../../digest/csv-records.ts'
import type { RowDigest } from '../../digest/row-digest.ts'
import type { CsvOptions } from './csv-options.ts'

/** Digests CSV records once more, in the CopyData messages that are sent: each holds whole records. */
export class SentCsv implements MessageDigest {
  readonly #records: CsvRecords

  constructor(options: CsvOptions, columns: number) {
    this.#records = new CsvRecords({ ...options, columns, output: 'raw' })
  }

  scan(messages: Buffer): void {
    for (let at = 0; at < messages.length;) {
      const end = at + 1 + messages.readUInt32BE(at + 1)
      this.#records.push(messages.subarray(at + 5, end), () => {})
      at = end
    }
  }

  digest(): RowDigest {
    return this.#records.digest()
  }
}
