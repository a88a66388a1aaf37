import type { SchemaElement } from 'hyparquet'
import type { ByteBuffer } from '../write/byte-buffer.ts'
import { FieldError } from '../field-error.ts'
import { writeSmallDecimal, writeWideDecimal } from '../numeric.ts'
import type { DenseValues } from './dense-values.ts'

/** Writes the binary field (without its length) of value `index`. The room for 64 bytes beside the value itself is reserved by the caller. */
export type EncodeField = (values: DenseValues, index: number, out: ByteBuffer) => void

/** What is done to values most often; everything else goes through `encode`. */
export type FastPath =
  | { kind: 'word'; bytes: 2 | 4; add: number }
  | { kind: 'pair'; addHigh: number; addLow: number }
  | { kind: 'bytes'; prefix: number | null }
export type FieldCodec = { encode: EncodeField; fast?: FastPath }

const epochDays = 10957
const epochMicros = 946_684_800_000_000
const microsPerDay = 86_400_000_000
/** Julian day of 1970-01-01, from which INT96 timestamps count (https://github.com/apache/parquet-format/pull/49). */
const julianEpochDay = 2_440_588

/** How values of a leaf become binary fields of the PostgreSQL type `base`, which `naturalType` chose for it. */
export function fieldCodec(element: SchemaElement, base: string): FieldCodec {
  switch (base) {
    case 'boolean':
      return { encode: (values, index, out) => byte(out, word(values, index)) }
    case 'smallint':
    case 'integer':
    case 'bigint':
      return integerCodec(element, base)
    case 'date':
      return words(-epochDays)
    case 'real':
      return element.type === 'FLOAT' ? words(0) : halfFloats
    case 'double precision':
      return pairs(0)
    case 'numeric':
      return { encode: decimalEncoder(element) }
    case 'time without time zone':
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return timeCodec(element, base.startsWith('timestamp') ? -epochMicros : 0)
    case 'interval':
      return { encode: encodeInterval }
    case 'jsonb':
      return byteStrings(1)
    default:
      return byteStrings(null)
  }
}

function words(add: number): FieldCodec {
  return {
    encode: (values, index, out) => int32(out, word(values, index) + add),
    fast: { kind: 'word', bytes: 4, add },
  }
}

function pairs(add: number): FieldCodec {
  const addHigh = Math.floor(add / 4294967296)
  return {
    encode: (values, index, out) => {
      int64(out, wordPair(values, index) + BigInt(add))
    },
    fast: { kind: 'pair', addHigh, addLow: add - addHigh * 4294967296 },
  }
}

/** Bytes as they are, after a version byte for jsonb. */
function byteStrings(prefix: number | null): FieldCodec {
  return {
    encode(values, index, out) {
      const { view, start, length } = bytesOf(values, index)
      out.reserve(length + 1)
      if (prefix !== null) byte(out, prefix)
      out.append(view, start, length)
    },
    fast: { kind: 'bytes', prefix },
  }
}

/** Integers go into a wider or narrower type as they are, or not at all. */
function integerCodec(element: SchemaElement, base: 'smallint' | 'integer' | 'bigint'): FieldCodec {
  const { bits, isSigned } = integerShape(element)
  const targetBits = { smallint: 16, integer: 32, bigint: 64 }[base]
  if (bits === 64) return base === 'bigint' ? pairs(0) : narrowPairs(targetBits)
  if (base === 'bigint')
    return {
      encode(values, index, out) {
        const value = word(values, index)
        int32(out, isSigned && value < 0 ? -1 : 0)
        int32(out, value)
      },
    }
  const fits = isSigned ? bits <= targetBits : bits < targetBits
  if (fits && base === 'integer') return words(0)
  if (fits)
    return {
      encode: (values, index, out) => int16(out, word(values, index)),
      fast: { kind: 'word', bytes: 2, add: 0 },
    }
  return {
    encode(values, index, out) {
      const value = word(values, index)
      putInteger(out, isSigned ? value : value >>> 0, targetBits)
    },
  }
}

function integerShape({ type, logical_type: logical, converted_type: converted }: SchemaElement) {
  if (logical?.type === 'INTEGER') return { bits: logical.bitWidth, isSigned: logical.isSigned }
  const sized = /^(U?)INT_(\d+)$/.exec(converted ?? '')
  if (sized) return { bits: Number(sized[2]), isSigned: sized[1] === '' }
  return { bits: type === 'INT64' ? 64 : 32, isSigned: true }
}

function narrowPairs(targetBits: number): FieldCodec {
  return {
    encode(values, index, out) {
      const all = wordsOf(values)
      const low = all[index * 2] ?? 0
      const isWord = (all[index * 2 + 1] ?? 0) === low >> 31
      putInteger(out, isWord ? low : NaN, targetBits)
    },
  }
}

function putInteger(out: ByteBuffer, value: number, bits: number): void {
  const limit = 2 ** (bits - 1)
  if (!(value >= -limit && value < limit))
    throw new FieldError('holds a number that its type at the sink cannot hold')
  if (bits === 16) int16(out, value)
  else int32(out, value)
}

const halfFloats: FieldCodec = {
  encode(values, index, out) {
    const { view, start } = bytesOf(values, index)
    out.view.setFloat32(out.length, halfFloat(view.getUint16(start, true)))
    out.length += 4
  },
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * 2 ** -24 * fraction
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}

/** Microseconds pass as they are; milliseconds and nanoseconds are converted, nanoseconds rounded down. */
function timeCodec(element: SchemaElement, add: number): FieldCodec {
  if (element.type === 'INT96')
    return { encode: (values, index, out) => int64(out, int96Micros(values, index) + BigInt(add)) }
  const logical = element.logical_type
  const unit =
    logical?.type === 'TIMESTAMP' || logical?.type === 'TIME'
      ? logical.unit
      : element.converted_type?.endsWith('_MILLIS')
        ? 'MILLIS'
        : 'MICROS'
  if (unit === 'MICROS') return pairs(add)
  const convert = unit === 'MILLIS' ? (value: bigint) => value * 1000n : floorThousands
  return {
    encode(values, index, out) {
      const value = element.type === 'INT32' ? BigInt(word(values, index)) : wordPair(values, index)
      int64(out, convert(value) + BigInt(add))
    },
  }
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
function encodeInterval(values: DenseValues, index: number, out: ByteBuffer): void {
  const { view, start } = bytesOf(values, index)
  int64(out, BigInt(view.getUint32(start + 8, true)) * 1000n)
  int32(out, view.getUint32(start + 4, true))
  int32(out, view.getUint32(start, true))
}

function decimalEncoder(element: SchemaElement): EncodeField {
  const logical = element.logical_type
  const [scale, precision] =
    logical?.type === 'DECIMAL'
      ? [logical.scale, logical.precision]
      : [element.scale ?? 0, element.precision ?? 0]
  const isUnsigned = logical?.type === 'INTEGER' || element.converted_type === 'UINT_64'
  if (scale < 0) throw new FieldError('is a decimal with a negative scale')
  if (element.type === 'INT32' || (element.type === 'INT64' && precision <= 15 && !isUnsigned))
    return smallDecimals(scale)
  if (element.type === 'INT64') return pairDecimals(scale, isUnsigned)
  return byteDecimals(scale)
}

function smallDecimals(scale: number): EncodeField {
  return (values, index, out) => {
    const all = wordsOf(values)
    const isPair = values.kind === 'words' && values.lanes === 2
    const value = isPair
      ? (all[index * 2 + 1] ?? 0) * 4294967296 + ((all[index * 2] ?? 0) >>> 0)
      : (all[index] ?? 0)
    out.length += writeSmallDecimal({ view: out.view, at: out.length }, scale, value)
  }
}

function pairDecimals(scale: number, isUnsigned: boolean): EncodeField {
  const limbs = new Uint32Array(4)
  return (values, index, out) => {
    const all = wordsOf(values)
    const high = all[index * 2 + 1] ?? 0
    limbs[0] = all[index * 2] ?? 0
    limbs[1] = high
    limbs[2] = limbs[3] = high < 0 && !isUnsigned ? -1 : 0
    out.length += writeWideDecimal({ view: out.view, at: out.length }, scale, limbs)
  }
}

/** Big-endian two's complement of any length. */
function byteDecimals(scale: number): EncodeField {
  let limbs = new Uint32Array(6)
  return (values, index, out) => {
    const { view, start, length } = bytesOf(values, index)
    // A spare limb, because aligning the decimals multiplies by up to 1000.
    if (length / 4 + 1 > limbs.length) limbs = new Uint32Array(Math.ceil(length / 4) + 1)
    limbs.fill(length > 0 && view.getInt8(start) < 0 ? -1 : 0)
    for (let byteIndex = 0; byteIndex < length; byteIndex++) {
      const limb = byteIndex >> 2
      const shift = (byteIndex & 3) * 8
      const value = view.getUint8(start + length - 1 - byteIndex)
      limbs[limb] = ((limbs[limb] ?? 0) & ~(255 << shift)) | (value << shift)
    }
    out.reserve(length * 4 + 64)
    out.length += writeWideDecimal({ view: out.view, at: out.length }, scale, limbs)
  }
}

function wordsOf(values: DenseValues): Int32Array {
  if (values.kind !== 'words') throw new Error('values are words')
  return values.words
}

function word(values: DenseValues, index: number): number {
  return wordsOf(values)[index] ?? 0
}

function wordPair(values: DenseValues, index: number): bigint {
  const all = wordsOf(values)
  return (BigInt(all[index * 2 + 1] ?? 0) << 32n) | BigInt((all[index * 2] ?? 0) >>> 0)
}

function bytesOf(values: DenseValues, index: number): { view: DataView; start: number; length: number } {
  if (values.kind !== 'bytes') throw new Error('values are bytes')
  return { view: values.view, start: values.starts[index] ?? 0, length: values.lengths[index] ?? 0 }
}

function byte(out: ByteBuffer, value: number): void {
  out.view.setUint8(out.length, value)
  out.length += 1
}

function int16(out: ByteBuffer, value: number): void {
  out.view.setInt16(out.length, value)
  out.length += 2
}

function int32(out: ByteBuffer, value: number): void {
  out.view.setInt32(out.length, value)
  out.length += 4
}

function int64(out: ByteBuffer, value: bigint): void {
  out.view.setBigInt64(out.length, value)
  out.length += 8
}
