import type { SchemaElement } from 'hyparquet'
import type { ByteBuffer } from '../write/byte-buffer.ts'
import { FieldError } from '../field-error.ts'
import { writeSmallDecimal, writeWideDecimal } from '../numeric.ts'
import {
  byte,
  bytesOf,
  type EncodeField,
  type FieldCodec,
  int16,
  int32,
  pairs,
  word,
  wordsOf,
} from './field-parts.ts'
import { encodeInterval, timeCodec } from './time-codec.ts'

const epochDays = 10957
const epochMicros = 946_684_800_000_000

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

export function integerShape({ type, logical_type: logical, converted_type: converted }: SchemaElement) {
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

export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * 2 ** -24 * fraction
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
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
