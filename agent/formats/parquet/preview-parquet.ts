import type { PreviewRows } from '../../../lib/protocol/interactive.ts'
import type { FileReader } from '../../connectors/connector.ts'
import { ParquetDecoder } from './read/parquet-decoder.ts'
import { showField } from './read/show-field.ts'

/** Of a CopyData message: its type byte, its length, and the tuple's count of fields. */
const tupleHeaderBytes = 7

/** The first rows as text. */
export async function previewParquet(
  reader: FileReader,
  limit: number,
  signal: AbortSignal,
): Promise<PreviewRows> {
  const decoder = await ParquetDecoder.open(reader)
  const { columns } = decoder
  const rows: (string | null)[][] = []
  const [end = 0] = decoder.rowGroupEnds
  if (limit > 0)
    for await (const { bytes } of decoder.messages({ columns, start: 0, end }, signal)) {
      const types = columns.map(({ type }) => type)
      takeRows(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), types, { rows, limit })
      if (rows.length >= limit) break
    }
  return { columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })), rows }
}

function takeRows(
  view: DataView,
  types: readonly string[],
  { rows, limit }: { rows: (string | null)[][]; limit: number },
): void {
  let at = 0
  while (at < view.byteLength && rows.length < limit) {
    at += tupleHeaderBytes
    const row = types.map((type) => {
      const length = view.getInt32(at)
      at += 4
      if (length < 0) return null
      const field = new DataView(view.buffer, view.byteOffset + at, length)
      at += length
      return showField(type, field)
    })
    rows.push(row)
  }
}
