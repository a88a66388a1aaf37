import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { CompressionCodec } from 'hyparquet'
import { decompressLz4, decompressLz4Raw, decompressSnappy } from 'hyparquet-compressors'
import { TaskFailure } from '../../../copy/failure.ts'

type Decompressor = (input: Uint8Array, length: number) => Uint8Array

/** The page's own size bounds the output, so that a damaged or hostile page cannot fill the memory. */
export const decompressors: Partial<Record<CompressionCodec, Decompressor>> = {
  UNCOMPRESSED: (input) => input,
  GZIP: (input, length) =>
    gunzipSync(input, { maxOutputLength: Math.max(length, 1), chunkSize: chunkSize(length) }),
  ZSTD: (input, length) =>
    zstdDecompressSync(input, { maxOutputLength: Math.max(length, 1), chunkSize: chunkSize(length) }),
  BROTLI: (input, length) =>
    brotliDecompressSync(input, { maxOutputLength: Math.max(length, 1), chunkSize: chunkSize(length) }),
  SNAPPY: (input, length) => decompressSnappy(input, length),
  LZ4: (input, length) => decompressLz4(input, length),
  LZ4_RAW: (input, length) => decompressLz4Raw(input, length),
}

export function decompress(codec: CompressionCodec, input: Uint8Array, length: number): Uint8Array {
  const decompressor = decompressors[codec]
  if (!decompressor) throw new TaskFailure('invalid_data', `Parquet compression ${codec} is not supported`)
  const output = length === 0 ? new Uint8Array(0) : decompressor(input, length)
  if (output.length !== length)
    throw new TaskFailure('invalid_data', 'a Parquet page has another size than it says')
  return output
}

/** Room for the whole output makes one call of it (64 is zlib's least). */
function chunkSize(length: number): number {
  return Math.max(64, length)
}
