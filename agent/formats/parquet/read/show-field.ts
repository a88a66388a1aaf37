import { parsePgType } from '../../../../lib/protocol/pg-type.ts'

/** The text of a binary field as a person reads it, near to what PostgreSQL would print. For previews of files. */
export function showField(type: string, view: DataView): string {
  const { base, isArray } = parsePgType(type)
  if (isArray) return showArray(base, view)
  return (showers[base] ?? showText)(view)
}

/** Days and microseconds from 1970-01-01 to PostgreSQL's epoch. */
const epochDays = 10957
const epochMicros = 946_684_800_000_000n
const microsPerSecond = 1_000_000n

const showers: Readonly<Record<string, (view: DataView) => string>> = {
  boolean: (view) => (view.getUint8(0) ? 'true' : 'false'),
  smallint: (view) => String(view.getInt16(0)),
  integer: (view) => String(view.getInt32(0)),
  bigint: (view) => String(view.getBigInt64(0)),
  // Seven digits tell any two neighbouring single-precision values of a preview apart well enough.
  real: (view) => String(Number(view.getFloat32(0).toPrecision(7))),
  'double precision': (view) => String(view.getFloat64(0)),
  numeric: showNumeric,
  date: (view) => new Date((view.getInt32(0) + epochDays) * 86_400_000).toISOString().slice(0, 10),
  'time without time zone': (view) => showMicros(view.getBigInt64(0)).slice(11),
  'timestamp without time zone': (view) => showMicros(view.getBigInt64(0) + epochMicros),
  'timestamp with time zone': (view) => `${showMicros(view.getBigInt64(0) + epochMicros)}+00`,
  interval: (view) =>
    `${view.getInt32(12)} mons ${view.getInt32(8)} days ${Number(view.getBigInt64(0)) / 1e6} secs`,
  uuid: (view) => hex(view).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  bytea: (view) => `\\x${hex(view)}`,
  jsonb: (view) => bytesOf(view).subarray(1).toString(),
}

function showText(view: DataView): string {
  return bytesOf(view).toString()
}

function bytesOf(view: DataView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}

function hex(view: DataView): string {
  return bytesOf(view).toString('hex')
}

function showMicros(micros: bigint): string {
  const fraction = ((micros % microsPerSecond) + microsPerSecond) % microsPerSecond
  const seconds = Number((micros - fraction) / microsPerSecond)
  const date = new Date(seconds * 1000)
  const whole = Number.isNaN(date.getTime())
    ? `${seconds} s`
    : date.toISOString().slice(0, 19).replace('T', ' ')
  return fraction === 0n ? whole : `${whole}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`
}

function showNumeric(view: DataView): string {
  const [count, weight, sign, scale] = [
    view.getInt16(0),
    view.getInt16(2),
    view.getUint16(4),
    view.getUint16(6),
  ]
  if (sign >= 0xc000) return sign === 0xc000 ? 'NaN' : sign === 0xd000 ? 'Infinity' : '-Infinity'
  const group = (index: number): string =>
    String(index >= 0 && index < count ? view.getInt16(8 + index * 2) : 0).padStart(4, '0')
  const wholeGroups = Array.from({ length: Math.max(weight + 1, 1) }, (_, index) =>
    group(weight < 0 ? -1 : index),
  )
  const whole = wholeGroups.join('').replace(/^0+(?=\d)/, '')
  const fraction = Array.from({ length: Math.ceil(scale / 4) }, (_, index) => group(weight + 1 + index)).join(
    '',
  )
  const digits = scale > 0 ? `${whole}.${fraction.slice(0, scale)}` : whole
  return sign === 0x4000 ? `-${digits}` : digits
}

function showArray(base: string, view: DataView): string {
  if (view.getInt32(0) === 0) return '{}'
  const size = view.getInt32(12)
  const items: string[] = []
  let at = 20
  for (let index = 0; index < size; index++) {
    const length = view.getInt32(at)
    at += 4
    if (length < 0) {
      items.push('NULL')
      continue
    }
    items.push(showField(base, new DataView(view.buffer, view.byteOffset + at, length)))
    at += length
  }
  return `{${items.join(',')}}`
}
