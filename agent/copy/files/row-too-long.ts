import { TaskFailure } from '../failure.ts'

/** A row that the format could hold, but that nobody could read out of the file again. */
export class RowTooLong extends Error {
  override readonly name = 'RowTooLong'
  /** `a line of JSON may have 128 MB`. */
  readonly limit: string

  constructor(limit: string) {
    super(`a row is too long: ${limit}`)
    this.limit = limit
  }

  toFailure(source: string): TaskFailure {
    return new TaskFailure(
      'invalid_data',
      `A row of ${source} is too long for the file: ${this.limit}. Leave its large columns out of the mapping, or copy to Parquet.`,
      { side: 'source', cause: this },
    )
  }
}
