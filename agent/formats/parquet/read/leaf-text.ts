import type { SchemaElement } from 'hyparquet'
import { FieldError } from '../field-error.ts'
import { halfFloat, integerShape } from './field-codec.ts'

/** A value of a leaf, as the file holds it, in JSON: exact, and in the form that people know of its logical type. */
export function leafText(value: unknown, element: SchemaElement): string {
  const kind = element.logical_type?.type ?? element.converted_type
  if (value instanceof Uint8Array) return bytesText(value, element, kind)
  if (typeof value === 'bigint' || (typeof value === 'number' && element.type === 'INT32'))
    return wholeText(BigInt(value), element, kind)
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(String(value))
  return JSON.stringify(value)
}

function wholeText(value: bigint, element: SchemaElement, kind: string | undefined): string {
  if (kind === 'DECIMAL') return decimalText(value, scaleOf(element))
  if (kind === 'DATE') return JSON.stringify(isoText(Number(value) * 86_400_000, 'T'))
  if (kind?.startsWith('TIMESTAMP') || element.type === 'INT96')
    return JSON.stringify(timestampText(value, element))
  if (kind?.startsWith('TIME')) return JSON.stringify(timeText(value, element))
  const { bits, isSigned } = integerShape(element)
  return String(isSigned ? value : BigInt.asUintN(bits, value))
}

function bytesText(bytes: Uint8Array, element: SchemaElement, kind: string | undefined): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (kind) {
    case 'DECIMAL':
      return decimalText(
        BigInt.asIntN(bytes.length * 8, BigInt(`0x${buffer.toString('hex') || '0'}`)),
        scaleOf(element),
      )
    case 'STRING':
    case 'UTF8':
    case 'ENUM':
      return JSON.stringify(buffer.toString())
    case 'JSON':
      return buffer.toString()
    case 'UUID':
      return JSON.stringify(buffer.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
    case 'INTERVAL':
      return JSON.stringify(intervalText(buffer))
    case 'FLOAT16':
      return leafText(halfFloat(buffer.readUInt16LE(0)), { name: element.name, type: 'FLOAT' })
    default:
      return JSON.stringify(buffer.toString('base64'))
  }
}

function scaleOf({ logical_type: logical, scale }: SchemaElement): number {
  return logical?.type === 'DECIMAL' ? logical.scale : (scale ?? 0)
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${unscaled < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`
}

function timestampText(value: bigint, element: SchemaElement): string {
  const logical = element.logical_type
  // Old timestamps of 96 bits tell no zone.
  const isUtc = logical?.type === 'TIMESTAMP' ? logical.isAdjustedToUTC : element.type !== 'INT96'
  const { perSecond, digits } = unitOf(element)
  const [seconds, fraction] = divide(value, perSecond)
  return `${isoText(Number(seconds) * 1000, '.')}.${String(fraction).padStart(digits, '0')}${isUtc ? 'Z' : ''}`
}

function timeText(value: bigint, element: SchemaElement): string {
  const { perSecond, digits } = unitOf(element)
  const [seconds, fraction] = divide(value, perSecond)
  const [minutes, second] = divide(seconds, 60n)
  const clock = [...divide(minutes, 60n), second].map((part) => String(part).padStart(2, '0'))
  return `${clock.join(':')}.${String(fraction).padStart(digits, '0')}`
}

function unitOf({ type, logical_type: logical, converted_type: converted }: SchemaElement) {
  const said = logical?.type === 'TIMESTAMP' || logical?.type === 'TIME' ? logical.unit : undefined
  const unit = said ?? (type === 'INT96' ? 'NANOS' : converted?.endsWith('_MILLIS') ? 'MILLIS' : 'MICROS')
  const digits = { MILLIS: 3, MICROS: 6, NANOS: 9 }[unit]
  return { digits, perSecond: 10n ** BigInt(digits) }
}

/** Rounded down, with what is left. */
function divide(value: bigint, by: bigint): [bigint, bigint] {
  const rest = ((value % by) + by) % by
  return [(value - rest) / by, rest]
}

/** ISO 8601 up to a mark; years before 0 or after 9999 have a sign and six digits. */
function isoText(millis: number, until: 'T' | '.'): string {
  const date = new Date(millis)
  if (Number.isNaN(date.getTime()))
    throw new FieldError('holds a date that is too far away to be written as text')
  return date.toISOString().split(until)[0] ?? ''
}

/** Months, days and milliseconds, little-endian, as an ISO 8601 duration. */
function intervalText(bytes: Buffer): string {
  const [months, days, millis] = [0, 4, 8].map((at) => bytes.readUInt32LE(at))
  return `P${months}M${days}DT${(millis ?? 0) / 1000}S`
}
