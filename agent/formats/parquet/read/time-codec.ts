import type { SchemaElement } from 'hyparquet'
import type { ByteBuffer } from '../write/byte-buffer.ts'
import { FieldError } from '../field-error.ts'
import type { DenseValues } from './dense-values.ts'
import { bytesOf, type FieldCodec, int32, int64, pairs, word, wordPair, wordsOf } from './field-parts.ts'

const microsPerDay = 86_400_000_000
/** Julian day of 1970-01-01, from which INT96 timestamps count (https://github.com/apache/parquet-format/pull/49). */
const julianEpochDay = 2_440_588

/** Microseconds pass as they are; milliseconds and nanoseconds are converted, nanoseconds rounded down. */
export function timeCodec(element: SchemaElement, add: number): FieldCodec {
  if (element.type === 'INT96')
    return { encode: (values, index, out) => micros(out, int96Micros(values, index) + BigInt(add)) }
  const logical = element.logical_type
  const unit =
    logical?.type === 'TIMESTAMP' || logical?.type === 'TIME'
      ? logical.unit
      : element.converted_type?.endsWith('_MILLIS')
        ? 'MILLIS'
        : 'MICROS'
  if (unit === 'MICROS') return add === 0 ? pairs(0) : times(add)
  const convert = unit === 'MILLIS' ? (value: bigint) => value * 1000n : floorThousands
  return {
    encode(values, index, out) {
      const value = element.type === 'INT32' ? BigInt(word(values, index)) : wordPair(values, index)
      micros(out, convert(value) + BigInt(add))
    },
  }
}

function micros(out: ByteBuffer, value: bigint): void {
  if (BigInt.asIntN(64, value) !== value) throw farTime()
  int64(out, value)
}

/** Microseconds as they are, counted from PostgreSQL's epoch. The largest and the smallest stand for infinity elsewhere. */
function times(add: number): FieldCodec {
  const plain = pairs(add)
  return {
    ...plain,
    encode(values, index, out) {
      const value = wordPair(values, index)
      if (value === infinity) throw farTime()
      micros(out, value + BigInt(add))
    },
  }
}
const infinity = 2n ** 63n - 1n

export function farTime(): FieldError {
  return new FieldError('holds a time that is infinite, or too far away for PostgreSQL')
}

function floorThousands(nanos: bigint): bigint {
  const micros = nanos / 1000n
  return nanos < 0n && micros * 1000n !== nanos ? micros - 1n : micros
}

function int96Micros(values: DenseValues, index: number): bigint {
  const all = wordsOf(values)
  const low = all[index * 3] ?? 0
  const high = all[index * 3 + 1] ?? 0
  const nanosOfDay = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  const days = BigInt((all[index * 3 + 2] ?? 0) - julianEpochDay)
  return days * BigInt(microsPerDay) + nanosOfDay / 1000n
}

/** Months, days and milliseconds, little-endian, become microseconds, days and months. */
export function encodeInterval(values: DenseValues, index: number, out: ByteBuffer): void {
  const { view, start } = bytesOf(values, index)
  int64(out, BigInt(view.getUint32(start + 8, true)) * 1000n)
  int32(out, view.getUint32(start + 4, true))
  int32(out, view.getUint32(start, true))
}
