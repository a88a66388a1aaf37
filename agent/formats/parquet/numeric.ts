import { FieldError } from './field-error.ts'

/**
 * PostgreSQL's binary numeric (src/backend/utils/adt/numeric.c, numeric_send): int16 count of base-10000 digits, int16 weight
 * of the first, uint16 sign, uint16 display scale, then the digits.
 */
const negativeSign = 0x4000
const nanSign = 0xc000
const headerBytes = 8
export const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/** Up to this many digits a decimal and every intermediate of it are exact in a double (2^53 has 15.95). */
export const exactDigits = 15

/** The unscaled integer of a numeric as a double: exact while the precision is at most `exactDigits`. */
export function readSmallDecimal(view: DataView, at: number, scale: number): number {
  const digitCount = view.getInt16(at)
  const sign = checkedSign(view, at)
  if (digitCount === 0) return 0
  // Power of ten of the last base-10000 digit in the unscaled integer; its own last decimals may be padding.
  const lastPower = (view.getInt16(at + 2) - digitCount + 1) * 4 + scale
  const last = at + headerBytes + (digitCount - 1) * 2
  let value = 0
  for (let digit = at + headerBytes; digit < last; digit += 2) value = value * 10000 + view.getInt16(digit)
  value =
    lastPower >= 0
      ? (value * 10000 + view.getInt16(last)) * (powersOfTen[lastPower] ?? NaN)
      : value * (powersOfTen[4 + lastPower] ?? NaN) + view.getInt16(last) / (powersOfTen[-lastPower] ?? NaN)
  if (!Number.isSafeInteger(value)) throw new FieldError('holds a number with more digits than its type')
  return sign === negativeSign ? -value : value
}

/** The unscaled integer of a numeric of any precision up to 38, into `limbs` (two's complement, 32 bits each, lowest first). */
export function readWideDecimal(
  { view, at }: { view: DataView; at: number },
  scale: number,
  limbs: Uint32Array,
): void {
  const digitCount = view.getInt16(at)
  const sign = checkedSign(view, at)
  limbs.fill(0)
  if (digitCount === 0) return
  const lastPower = (view.getInt16(at + 2) - digitCount + 1) * 4 + scale
  if (lastPower < -3) throw new FieldError('holds a number with more decimals than its type')
  for (let index = 0; index < digitCount; index++) {
    const digit = view.getInt16(at + headerBytes + index * 2)
    const isCut = index === digitCount - 1 && lastPower < 0
    const cut = isCut ? -lastPower : 0
    const divisor = powersOfTen[cut] ?? 1
    if (digit % divisor !== 0) throw new FieldError('holds a number with more decimals than its type')
    multiplyAdd(limbs, powersOfTen[4 - cut] ?? 1, digit / divisor)
  }
  for (let power = lastPower; power > 0; power -= 4)
    multiplyAdd(limbs, powersOfTen[Math.min(power, 4)] ?? 1, 0)
  if (sign === negativeSign) negate(limbs)
}

function checkedSign(view: DataView, at: number): number {
  const sign = view.getUint16(at + 4)
  if (sign >= nanSign)
    throw new FieldError('holds NaN or infinity, which a decimal cannot hold: map it to text')
  return sign
}

function multiplyAdd(limbs: Uint32Array, factor: number, addend: number): void {
  let carry = addend
  for (let index = 0; index < limbs.length; index++) {
    const product = (limbs[index] ?? 0) * factor + carry
    carry = Math.floor(product / 4294967296)
    limbs[index] = product - carry * 4294967296
  }
}

function negate(limbs: Uint32Array): void {
  let carry = 1
  for (let index = 0; index < limbs.length; index++) {
    const value = (~(limbs[index] ?? 0) >>> 0) + carry
    carry = value > 4294967295 ? 1 : 0
    limbs[index] = value >>> 0
  }
}

/** Writes a numeric from its unscaled integer; `limbs` are used up. Returns the number of bytes written at `at`. */
export function writeWideDecimal(
  { view, at }: { view: DataView; at: number },
  scale: number,
  limbs: Uint32Array,
): number {
  const isNegative = ((limbs[limbs.length - 1] ?? 0) & 0x80000000) !== 0
  if (isNegative) negate(limbs)
  // Aligns the decimals to groups of four; the caller leaves a spare limb for it.
  const fractionGroups = Math.ceil(scale / 4)
  multiplyAdd(limbs, powersOfTen[fractionGroups * 4 - scale] ?? 1, 0)
  groups.length = 0
  while (limbs.some((limb) => limb !== 0)) groups.push(divideBy10000(limbs))
  return writeGroups({ view, at }, { fractionGroups, scale, isNegative })
}
/** Lowest group first; reused, as decoding is single-threaded and never re-entered. */
const groups: number[] = []

/** Like `writeWideDecimal` for an unscaled integer below 2^53. */
export function writeSmallDecimal(
  { view, at }: { view: DataView; at: number },
  scale: number,
  unscaled: number,
): number {
  const isNegative = unscaled < 0
  const magnitude = Math.abs(unscaled)
  const fractionGroups = Math.ceil(scale / 4)
  const divisor = powersOfTen[scale] ?? 1
  let whole = Math.floor(magnitude / divisor)
  let fraction = magnitude - whole * divisor
  groups.length = 0
  if (fractionGroups > 0) {
    const lowDigits = scale - (fractionGroups - 1) * 4
    const lowDivisor = powersOfTen[lowDigits] ?? 1
    const rest = Math.floor(fraction / lowDivisor)
    groups.push((fraction - rest * lowDivisor) * (powersOfTen[4 - lowDigits] ?? 1))
    fraction = rest
    for (let group = 1; group < fractionGroups; group++) {
      groups.push(fraction % 10000)
      fraction = Math.floor(fraction / 10000)
    }
  }
  while (whole > 0) {
    groups.push(whole % 10000)
    whole = Math.floor(whole / 10000)
  }
  return writeGroups({ view, at }, { fractionGroups, scale, isNegative })
}

/** The server strips zero groups at both ends (numeric.c, strip_var and make_result): so does this, to give the same bytes. */
function writeGroups(
  { view, at }: { view: DataView; at: number },
  { fractionGroups, scale, isNegative }: { fractionGroups: number; scale: number; isNegative: boolean },
): number {
  let high = groups.length
  while (high > 0 && groups[high - 1] === 0) high--
  let low = 0
  while (low < high && groups[low] === 0) low++
  const count = high - low
  view.setInt16(at, count)
  view.setInt16(at + 2, count === 0 ? 0 : high - fractionGroups - 1)
  view.setUint16(at + 4, isNegative && count > 0 ? negativeSign : 0)
  view.setUint16(at + 6, scale)
  let to = at + headerBytes
  for (let index = high - 1; index >= low; index--) {
    view.setInt16(to, groups[index] ?? 0)
    to += 2
  }
  return to - at
}

function divideBy10000(limbs: Uint32Array): number {
  let remainder = 0
  for (let index = limbs.length - 1; index >= 0; index--) {
    const value = remainder * 4294967296 + (limbs[index] ?? 0)
    const quotient = Math.floor(value / 10000)
    limbs[index] = quotient
    remainder = value - quotient * 10000
  }
  return remainder
}
