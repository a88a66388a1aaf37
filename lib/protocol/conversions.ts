import type { FileFormat } from './copy-plan.ts'
import { parsePgType, type PgType } from './pg-type.ts'

/** `loses`: values change on the way. `mayStop`: a value that does not fit stops the copy. `note`: kept whole, in another form. */
export type ConversionMark = { level: 'loses' | 'mayStop' | 'note'; text: string }

/** What a cast does to values; null where every value arrives as it was. Said once: by the wizard before a copy, and by the node in its plan. */
export function castMark(fromText: string, toText: string): ConversionMark | null {
  const from = parsePgType(fromText)
  const to = parsePgType(toText)
  if (from.isArray !== to.isArray)
    return to.base === 'text' && !to.isArray
      ? note('an array as text: {1,2,3}')
      : stops('an array and a single value do not convert')
  if (from.base === to.base) return sameBase(from, to)
  if (to.base === 'text') return null
  if (isText(to)) return shortText(textLength(from), to)
  if (isInterval(from) && isInterval(to))
    return to.base === 'interval' ? null : loses('what its fields cannot hold is dropped')
  if (shapes.has(from.base) && shapes.has(to.base)) return loses('only a likeness of the shape is kept')
  const rule = rules[to.base]
  return rule ? rule(from, to) : stops(`a value that is no ${to.base} stops the copy`)
}

/** What a file format does to a column of this type; null where readers see type and value as they were. */
export function formatMark(type: string, format: FileFormat): ConversionMark | null {
  if (format === 'jsonl') return jsonMark(parsePgType(type))
  if (format !== 'parquet') return null
  const { base, modifiers, isArray } = parsePgType(type)
  if (base === 'numeric' && decimalDigits(modifiers) > maxDecimalDigits)
    return note(`as text, so that no digit is lost: give it a precision, numeric(18,2), for a decimal`)
  if (!parquetBases.has(base)) return note('as text: Parquet has no such type')
  return isArray
    ? stops(
        'an array of several dimensions, or whose index does not begin at 1, stops the copy: map it to text',
      )
    : null
}

function jsonMark({ base, isArray }: PgType): ConversionMark | null {
  if (isArray) return loses('the index of an array begins at 1 again')
  return base === 'json' || base === 'jsonb' ? loses('JSON null and SQL NULL become the same') : null
}

/** Parquet's DECIMAL holds at most 38 digits (format specification, logical types). */
const maxDecimalDigits = 38
/** numeric(5,-2) holds whole numbers of up to 7 digits, numeric(2,4) fractions of 4. */
function decimalDigits([precision = Infinity, scale = 0]: readonly number[]): number {
  return scale < 0 ? precision - scale : Math.max(precision, scale)
}

const parquetBases = new Set([
  'smallint',
  'integer',
  'bigint',
  'real',
  'double precision',
  'numeric',
  'boolean',
  'text',
  'character varying',
  'character',
  'date',
  'time without time zone',
  'timestamp without time zone',
  'timestamp with time zone',
  'bytea',
  'uuid',
  'json',
  'jsonb',
])

const shapes = new Set(['point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle'])

/** Its fields are part of the name: `interval year to month`. */
function isInterval({ base }: PgType): boolean {
  return /^interval\b/.test(base)
}

type Rule = (from: PgType, to: PgType) => ConversionMark | null
const integerDigits: Record<string, number> = { smallint: 5, integer: 10, bigint: 19 }
const floatDigits: Record<string, number> = { real: 6, 'double precision': 15 }

const rules: Record<string, Rule> = {
  smallint: toInteger,
  integer: toInteger,
  bigint: toInteger,
  real: toFloat,
  'double precision': toFloat,
  numeric: toNumeric,
  date: ({ base }) =>
    base.startsWith('timestamp')
      ? loses('the time of day is dropped')
      : stops('a value that is no date stops the copy'),
  'timestamp without time zone': ({ base }) => {
    if (base === 'timestamp with time zone') return loses('the zone is dropped; the time is that of UTC')
    return base === 'date' ? null : stops('a value that is no time stamp stops the copy')
  },
  'timestamp with time zone': ({ base }) => {
    if (base === 'timestamp without time zone') return note('read as UTC')
    return base === 'date' ? note('midnight UTC') : stops('a value that is no time stamp stops the copy')
  },
  'time without time zone': ({ base }) => {
    if (base.startsWith('timestamp')) return loses('the date is dropped')
    if (base === 'interval') return loses('whole days are dropped')
    return base === 'time with time zone'
      ? loses('the zone is dropped')
      : stops('a value that is no time of day stops the copy')
  },
  'time with time zone': ({ base }) => {
    if (base.startsWith('timestamp')) return loses('the date is dropped')
    return base === 'time without time zone'
      ? note('read as UTC')
      : stops('a value that is no time of day stops the copy')
  },
  bit: ({ base }) => bitString(base),
  'bit varying': ({ base }) => bitString(base),
  money: ({ base }) =>
    base === 'numeric' ? loses('rounded to whole cents') : stops('a value that is no amount stops the copy'),
  cidr: ({ base }) =>
    base === 'inet'
      ? loses('the part of the address behind its network is dropped')
      : stops('a value that is no network stops the copy'),
  name: (from) => ((textLength(from) ?? Infinity) <= 15 ? null : loses('text longer than 63 bytes is cut')),
  '"char"': () => loses('only the first character is kept'),
  jsonb: ({ base }) =>
    base === 'json'
      ? loses('spacing, key order and doubled keys are not kept')
      : stops('text that is no JSON stops the copy'),
  json: ({ base }) => (base === 'jsonb' ? null : stops('text that is no JSON stops the copy')),
}

function sameBase(from: PgType, to: PgType): ConversionMark | null {
  if (to.modifiers.length === 0 || from.modifiers.join() === to.modifiers.join()) return null
  if (to.base === 'numeric') return toNumeric(from, to)
  if (isText(to)) return shortText(from.modifiers[0] ?? null, to)
  if (to.base.startsWith('bit')) return stops('a string of bits of another length stops the copy')
  if ((from.modifiers[0] ?? Infinity) <= (to.modifiers[0] ?? Infinity)) return null
  return loses('fractions of a second are rounded')
}

function toInteger(from: PgType, to: PgType): ConversionMark | null {
  const [digits, wanted] = [integerDigits[from.base], integerDigits[to.base] ?? 0]
  if (digits !== undefined)
    return digits <= wanted ? null : stops(`a number outside ${to.base} stops the copy`)
  if (from.base === 'numeric' && from.modifiers.length > 0 && (from.modifiers[1] ?? 0) <= 0)
    return (from.modifiers[0] ?? 0) < wanted ? null : stops(`a number outside ${to.base} stops the copy`)
  if (from.base === 'numeric' || from.base in floatDigits) return loses('fractions are rounded')
  return from.base === 'boolean'
    ? note('true is 1, false is 0')
    : stops('text that is no number stops the copy')
}

function toFloat(from: PgType, to: PgType): ConversionMark | null {
  const holds = floatDigits[to.base] ?? 0
  const digits =
    integerDigits[from.base] ??
    floatDigits[from.base] ??
    (from.base === 'numeric' ? (from.modifiers[0] ?? 1000) : null)
  if (digits === null) return stops('text that is no number stops the copy')
  return digits <= holds ? null : loses(`only about ${holds} digits are kept`)
}

function toNumeric(from: PgType, to: PgType): ConversionMark | null {
  const [precision, scale = 0] = to.modifiers
  const whole = integerDigits[from.base]
  if (precision === undefined)
    return whole !== undefined || ['numeric', 'money'].includes(from.base) || from.base in floatDigits
      ? null
      : stops('text that is no number stops the copy')
  if (whole !== undefined)
    return whole <= precision - scale
      ? null
      : stops(`a number of more than ${counted(precision - scale, 'digit')} stops the copy`)
  if (from.base === 'numeric') {
    const [fromPrecision = Infinity, fromScale = from.modifiers.length > 0 ? 0 : Infinity] = from.modifiers
    if (fromScale > scale) return loses(`rounded to ${counted(scale, 'decimal')}`)
    return fromPrecision - fromScale <= precision - scale
      ? null
      : stops(`a number of more than ${counted(precision - scale, 'digit')} stops the copy`)
  }
  if (from.base in floatDigits || (from.base === 'money' && scale < 2))
    return loses(`rounded to ${counted(scale, 'decimal')}`)
  return from.base === 'money'
    ? stops(`an amount of more than ${counted(precision - scale, 'digit')} stops the copy`)
    : stops('text that is no number stops the copy')
}

function bitString(from: string): ConversionMark {
  if (from in integerDigits) return loses('only as many of the last bits are kept as there is room for')
  return stops(
    from.startsWith('bit')
      ? 'a string of bits of another length stops the copy'
      : 'a value that is no string of bits stops the copy',
  )
}

function isText({ base }: PgType): boolean {
  return base === 'character varying' || base === 'character'
}

/** The longest text form of a value; null where it has no limit. */
function textLength({ base, modifiers }: PgType): number | null {
  if (base === 'character varying' || base === 'character') return modifiers[0] ?? null
  if (base in integerDigits) return (integerDigits[base] ?? 0) + 1
  if (base === 'boolean') return 5
  if (base === 'uuid') return 36
  return base === 'date' ? 13 : null
}

function shortText(from: number | null, to: PgType): ConversionMark | null {
  const length = to.modifiers[0]
  if (length === undefined || (from !== null && from <= length)) return null
  return stops(`text longer than ${length} characters stops the copy`)
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

function loses(text: string): ConversionMark {
  return { level: 'loses', text }
}
function stops(text: string): ConversionMark {
  return { level: 'mayStop', text }
}
function note(text: string): ConversionMark {
  return { level: 'note', text }
}
