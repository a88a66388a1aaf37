import type { ByteBuffer } from '../write/byte-buffer.ts'
import type { DenseValues } from './dense-values.ts'

/** Writes the binary field (without its length) of value `index`. The room for 64 bytes beside the value itself is reserved by the caller. */
export type EncodeField = (values: DenseValues, index: number, out: ByteBuffer) => void

/** What is done to values most often; everything else goes through `encode`. */
export type FastPath =
  | { kind: 'word'; bytes: 2 | 4; add: number }
  | { kind: 'pair'; addHigh: number; addLow: number }
  | { kind: 'bytes'; prefix: number | null }
export type FieldCodec = { encode: EncodeField; fast?: FastPath }

export function pairs(add: number): FieldCodec {
  const addHigh = Math.floor(add / 4294967296)
  return {
    encode: (values, index, out) => {
      int64(out, wordPair(values, index) + BigInt(add))
    },
    fast: { kind: 'pair', addHigh, addLow: add - addHigh * 4294967296 },
  }
}

export function wordsOf(values: DenseValues): Int32Array {
  if (values.kind !== 'words') throw new Error('values are words')
  return values.words
}

export function word(values: DenseValues, index: number): number {
  return wordsOf(values)[index] ?? 0
}

export function wordPair(values: DenseValues, index: number): bigint {
  const all = wordsOf(values)
  return (BigInt(all[index * 2 + 1] ?? 0) << 32n) | BigInt((all[index * 2] ?? 0) >>> 0)
}

export function bytesOf(
  values: DenseValues,
  index: number,
): { view: DataView; start: number; length: number } {
  if (values.kind !== 'bytes') throw new Error('values are bytes')
  return { view: values.view, start: values.starts[index] ?? 0, length: values.lengths[index] ?? 0 }
}

export function byte(out: ByteBuffer, value: number): void {
  out.view.setUint8(out.length, value)
  out.length += 1
}

export function int16(out: ByteBuffer, value: number): void {
  out.view.setInt16(out.length, value)
  out.length += 2
}

export function int32(out: ByteBuffer, value: number): void {
  out.view.setInt32(out.length, value)
  out.length += 4
}

export function int64(out: ByteBuffer, value: bigint): void {
  out.view.setBigInt64(out.length, value)
  out.length += 8
}
