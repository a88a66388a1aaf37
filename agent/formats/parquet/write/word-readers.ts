import { FieldError } from '../field-error.ts'
import type { Leaf } from '../leaf.ts'
import { exactDigits, readSmallDecimal, readWideDecimal } from '../numeric.ts'

/** Turns binary fields into words, low word first; one call per batch, so that each reader is one tight loop. */
export type WordReader = (
  view: DataView,
  fields: { offsets: Int32Array; count: number },
  words: Int32Array,
) => void

/** Days from 1970-01-01 to PostgreSQL's epoch 2000-01-01, and the same in microseconds as two words. */
const epochDays = 10957
const epochMicros = epochDays * 86_400_000_000
const epochHigh = Math.floor(epochMicros / 4294967296)
const epochLow = epochMicros % 4294967296
const largest = 0x7fffffff
const smallest = -0x80000000

export function wordReaderFor(leaf: Leaf): WordReader {
  const reader = readers[leaf.wire]
  if (reader) return reader
  if (leaf.logical?.kind !== 'DECIMAL') throw new Error(`no words for ${leaf.wire}`)
  const { precision, scale } = leaf.logical
  if (leaf.physical === 'INT32') return shortDecimals(scale)
  return precision <= exactDigits ? decimals(scale) : wideDecimals(scale)
}

const readers: Partial<Record<Leaf['wire'], WordReader>> = {
  smallint(view, { offsets, count }, words) {
    for (let index = 0; index < count; index++) words[index] = view.getInt16(offsets[index] ?? 0)
  },
  integer: copyWords,
  real: copyWords,
  date(view, { offsets, count }, words) {
    for (let index = 0; index < count; index++) {
      const days = view.getInt32(offsets[index] ?? 0)
      if (days === largest || days === smallest) throw new FieldError('holds an infinite date')
      words[index] = days + epochDays
    }
  },
  bigint: copyPairs,
  'double precision': copyPairs,
  'time without time zone': copyPairs,
  'timestamp without time zone': timestamps,
  'timestamp with time zone': timestamps,
}

function copyWords(
  view: DataView,
  { offsets, count }: { offsets: Int32Array; count: number },
  words: Int32Array,
): void {
  for (let index = 0; index < count; index++) words[index] = view.getInt32(offsets[index] ?? 0)
}

function copyPairs(
  view: DataView,
  { offsets, count }: { offsets: Int32Array; count: number },
  words: Int32Array,
): void {
  for (let index = 0; index < count; index++) {
    const at = offsets[index] ?? 0
    words[index * 2] = view.getInt32(at + 4)
    words[index * 2 + 1] = view.getInt32(at)
  }
}

function timestamps(
  view: DataView,
  { offsets, count }: { offsets: Int32Array; count: number },
  words: Int32Array,
): void {
  for (let index = 0; index < count; index++) {
    const at = offsets[index] ?? 0
    const high = view.getInt32(at)
    const low = view.getUint32(at + 4)
    if ((high === largest && low === 0xffffffff) || (high === smallest && low === 0))
      throw new FieldError('holds an infinite timestamp')
    const sum = low + epochLow
    const shifted = high + epochHigh + (sum > 0xffffffff ? 1 : 0)
    if (shifted > largest) throw new FieldError('holds a timestamp after the year 294246')
    words[index * 2] = sum
    words[index * 2 + 1] = shifted
  }
}

function shortDecimals(scale: number): WordReader {
  return (view, { offsets, count }, words) => {
    for (let index = 0; index < count; index++)
      words[index] = readSmallDecimal(view, offsets[index] ?? 0, scale)
  }
}

function decimals(scale: number): WordReader {
  return (view, { offsets, count }, words) => {
    for (let index = 0; index < count; index++) {
      const value = readSmallDecimal(view, offsets[index] ?? 0, scale)
      const high = Math.floor(value / 4294967296)
      words[index * 2] = value - high * 4294967296
      words[index * 2 + 1] = high
    }
  }
}

function wideDecimals(scale: number): WordReader {
  return (view, { offsets, count }, words) => {
    const limbs = new Uint32Array(2)
    for (let index = 0; index < count; index++) {
      readWideDecimal({ view, at: offsets[index] ?? 0 }, scale, limbs)
      words[index * 2] = limbs[0] ?? 0
      words[index * 2 + 1] = limbs[1] ?? 0
    }
  }
}
