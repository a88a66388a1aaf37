import type { Encoding, ParquetType } from 'hyparquet'
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js'
import { byteStreamSplit } from 'hyparquet/src/encoding.js'
import { TaskFailure } from '../../../copy/failure.ts'
import { type DenseValues, lookUp } from './dense-values.ts'
import { decodeHybrid } from './hybrid.ts'

export type LeafShape = { type: ParquetType; typeLength: number | undefined }
type Encoded = { bytes: Uint8Array; encoding: Encoding; count: number }

/** Decodes the values of a page: the two common encodings here, the rarer ones by hyparquet. */
export function decodeValues(shape: LeafShape, page: Encoded, dictionary: DenseValues | null): DenseValues {
  switch (page.encoding) {
    case 'PLAIN':
      return decodePlain(shape, page)
    case 'RLE_DICTIONARY':
    case 'PLAIN_DICTIONARY':
      if (page.count === 0) return decodePlain(shape, page)
      if (!dictionary) throw new TaskFailure('invalid_data', 'a Parquet column lacks its dictionary')
      return lookUp(dictionary, decodeIndices(page))
    case 'RLE':
      return { kind: 'words', words: decodeRleBooleans(page), lanes: 1 }
    case 'DELTA_BINARY_PACKED':
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY':
      return decodeDelta(shape, page)
    case 'BYTE_STREAM_SPLIT': {
      const split = byteStreamSplit(dataReader(page.bytes), page.count, shape.type, shape.typeLength)
      return Array.isArray(split) ? gather(split) : typedWords(split)
    }
    default:
      throw new TaskFailure('invalid_data', `Parquet encoding ${page.encoding} is not supported`)
  }
}

export function decodePlain(
  { type, typeLength }: LeafShape,
  { bytes, count }: Omit<Encoded, 'encoding'>,
): DenseValues {
  switch (type) {
    case 'BOOLEAN':
      return { kind: 'words', words: decodeBits(bytes, count), lanes: 1 }
    case 'INT32':
    case 'FLOAT':
      return { kind: 'words', words: alignedWords(bytes, count), lanes: 1 }
    case 'INT64':
    case 'DOUBLE':
      return { kind: 'words', words: alignedWords(bytes, count * 2), lanes: 2 }
    case 'INT96':
      return { kind: 'words', words: alignedWords(bytes, count * 3), lanes: 3 }
    case 'BYTE_ARRAY':
      return plainByteArrays(bytes, count)
    case 'FIXED_LEN_BYTE_ARRAY':
      return fixedByteArrays(bytes, count, typeLength ?? 0)
  }
}

function plainByteArrays(bytes: Uint8Array, count: number): DenseValues {
  const view = viewOf(bytes)
  const starts = new Int32Array(count)
  const lengths = new Int32Array(count)
  let at = 0
  for (let index = 0; index < count; index++) {
    const length = view.getInt32(at, true)
    if (length < 0) throw new TaskFailure('invalid_data', 'a Parquet page is damaged')
    starts[index] = at + 4
    lengths[index] = length
    at += 4 + length
  }
  return { kind: 'bytes', view, starts, lengths }
}

function fixedByteArrays(bytes: Uint8Array, count: number, length: number): DenseValues {
  const starts = Int32Array.from({ length: count }, (_, index) => index * length)
  return { kind: 'bytes', view: viewOf(bytes), starts, lengths: new Int32Array(count).fill(length) }
}

function alignedWords(bytes: Uint8Array, words: number): Int32Array {
  if (bytes.length < words * 4)
    throw new TaskFailure('invalid_data', 'a Parquet page is shorter than it says')
  if (bytes.byteOffset % 4 === 0) return new Int32Array(bytes.buffer, bytes.byteOffset, words)
  return new Int32Array(Uint8Array.from(bytes.subarray(0, words * 4)).buffer)
}

function decodeBits(bytes: Uint8Array, count: number): Int32Array {
  const words = new Int32Array(count)
  for (let index = 0; index < count; index++) words[index] = ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1
  return words
}

function decodeIndices({ bytes, count }: Encoded): Int32Array {
  const indices = new Int32Array(count)
  const seen = count === 0 ? 0 : decodeHybrid(bytes.subarray(1), bytes[0] ?? 0, indices)
  if (seen < count) throw new TaskFailure('invalid_data', 'a Parquet page is shorter than it says')
  return indices
}

function decodeRleBooleans({ bytes, count }: Encoded): Int32Array {
  const words = new Int32Array(count)
  const length = viewOf(bytes).getInt32(0, true)
  decodeHybrid(bytes.subarray(4, 4 + length), 1, words)
  return words
}

function decodeDelta({ type }: LeafShape, { bytes, encoding, count }: Encoded): DenseValues {
  const reader = dataReader(bytes)
  if (encoding === 'DELTA_BINARY_PACKED') {
    const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count)
    if (count > 0) deltaBinaryUnpack(reader, count, values)
    return typedWords(values)
  }
  const values = Array.from({ length: count }, () => new Uint8Array(0))
  if (count > 0 && encoding === 'DELTA_BYTE_ARRAY') deltaByteArray(reader, count, values)
  else if (count > 0) deltaLengthByteArray(reader, count, values)
  return gather(values)
}

function typedWords({ buffer, byteOffset, byteLength, BYTES_PER_ELEMENT }: TypedValues): DenseValues {
  const words = new Int32Array(buffer, byteOffset, byteLength / 4)
  return { kind: 'words', words, lanes: BYTES_PER_ELEMENT === 8 ? 2 : 1 }
}
type TypedValues = Pick<Int32Array, 'buffer' | 'byteOffset' | 'byteLength' | 'BYTES_PER_ELEMENT'>

function gather(values: readonly Uint8Array[]): DenseValues {
  const starts = new Int32Array(values.length)
  const lengths = new Int32Array(values.length)
  let at = 0
  for (const [index, value] of values.entries()) {
    starts[index] = at
    lengths[index] = value.length
    at += value.length
  }
  return { kind: 'bytes', view: viewOf(Buffer.concat(values)), starts, lengths }
}

function viewOf(bytes: Uint8Array): DataView<ArrayBuffer> {
  if (bytes.buffer instanceof ArrayBuffer)
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  throw new Error('pages lie in memory of their own')
}

function dataReader(bytes: Uint8Array): { view: DataView<ArrayBuffer>; offset: number } {
  return { view: viewOf(bytes), offset: 0 }
}
