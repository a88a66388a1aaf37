import type { RowFormat } from '../../copy/files/row-format.ts'
import { CopyFrameScanner } from '../../digest/copy-frame-scanner.ts'
import { planParquetColumn } from './plan-column.ts'
import { ParquetDecoder } from './read/parquet-decoder.ts'
import { ParquetEncoder } from './write/parquet-encoder.ts'

/** Parquet as a format for rows: binary tuples in, binary tuples out. */
export const parquetRows: RowFormat = {
  canonicalForm: 'pg-binary',
  copyFormat: 'binary',
  copyOptions: () => 'FORMAT binary',
  extension: () => 'parquet',
  planColumn: (source, wanted) => planParquetColumn(source, wanted),
  createEncoder({ columns, options, write }) {
    const encoder = new ParquetEncoder({ columns, compression: options.compression, write })
    return {
      write: (rows) => encoder.write(rows),
      finish: async () => void (await encoder.finish()),
    }
  },
  async digest(reader, { columns }, signal) {
    const decoder = await ParquetDecoder.open(reader)
    const scanner = new CopyFrameScanner('binary')
    const names = columns.map(({ name }) => name)
    for await (const messages of decoder.messages(names, signal)) scanner.scan(messages)
    return scanner.digest()
  },
}
