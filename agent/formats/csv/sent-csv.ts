import type { MessageDigest, ReadPlan } from '../../copy/files/row-format.ts'
import { CsvRecords, type CsvRecordsOptions } from '../../digest/csv-records.ts'
import type { RowDigest } from '../../digest/row-digest.ts'
import type { CsvOptions } from './csv-options.ts'

/** Digests CSV records once more, in the CopyData messages that are sent: each holds whole records. */
export class SentCsv implements MessageDigest {
  readonly #records: CsvRecords

  constructor(options: CsvOptions, plan: ReadPlan) {
    const select = plan.columns.map((_, index) => index)
    const layout = { columns: select.length, output: 'raw', digest: digestOf(plan), select } as const
    this.#records = new CsvRecords({ ...options, ...layout })
  }

  scan(messages: Buffer): void {
    for (let at = 0; at < messages.length;) {
      const end = at + 1 + messages.readUInt32BE(at + 1)
      this.#records.push(messages.subarray(at + 5, end), () => {})
      at = end
    }
  }

  digest(): RowDigest {
    this.#records.flush(() => {})
    return this.#records.digest()
  }
}

/** Records are digested as they stand, or field by field where something else than a file is to be compared with them. */
export function digestOf({ canonicalForm }: ReadPlan): NonNullable<CsvRecordsOptions['digest']> {
  return canonicalForm === 'pg-binary' ? 'tuples' : 'output'
}
