import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FileReader } from '../../connectors/connector.ts'
import type { PgColumn } from '../../copy/rows.ts'
import { readWideDecimal, writeWideDecimal } from './numeric.ts'
import { decodeHybrid } from './read/hybrid.ts'
import { ParquetDecoder } from './read/parquet-decoder.ts'
import { ParquetEncoder } from './write/parquet-encoder.ts'
import { bitWidthFor, encodeHybrid } from './write/rle.ts'

type Field = Buffer | null
const signal = new AbortController().signal

function column(type: string, nullable = true): PgColumn {
  return { name: `a ${type}`, type, nullable, typeOid: 0, typmod: -1 }
}

/** A binary tuple without its message header. */
function tuple(fields: readonly Field[]): Buffer {
  const count = Buffer.alloc(2)
  count.writeInt16BE(fields.length)
  const parts = fields.flatMap((field) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(field ? field.length : -1)
    return field ? [length, field] : [length]
  })
  return Buffer.concat([count, ...parts])
}

async function writeFile(
  columns: readonly PgColumn[],
  rows: readonly (readonly Field[])[],
  compression: 'none' | 'gzip' | 'zstd' = 'zstd',
): Promise<Buffer> {
  const chunks: Buffer[] = []
  const write = async (bytes: Uint8Array) => void chunks.push(Buffer.from(bytes))
  const encoder = new ParquetEncoder({ columns, compression, write, rowGroupBytes: 20_000 })
  for (let at = 0; at < rows.length; at += 100)
    await encoder.write(Buffer.concat(rows.slice(at, at + 100).map(tuple)))
  await encoder.finish()
  return Buffer.concat(chunks)
}

function inMemory(file: Buffer): FileReader {
  return {
    entry: { path: 'memory.parquet', sizeBytes: file.length, modifiedAt: '' },
    async *stream() {
      yield file
    },
    read: async (offset, length) => Uint8Array.from(file.subarray(offset, offset + length)),
    close: async () => {},
  }
}

/** Bare tuples of all messages. */
async function readTuples(file: Buffer): Promise<Buffer> {
  const decoder = await ParquetDecoder.open(inMemory(file))
  const tuples: Buffer[] = []
  const read = { columns: decoder.columns, start: 0, end: decoder.rowCount }
  for await (const { bytes } of decoder.messages(read, signal)) {
    const messages = Buffer.from(bytes)
    for (let at = 0; at < messages.length;) {
      const end = at + 1 + messages.readInt32BE(at + 1)
      tuples.push(messages.subarray(at + 5, end))
      at = end
    }
  }
  return Buffer.concat(tuples)
}

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array))
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('', 'a', 'same', 'ß🚀') },
  { weight: 1, arbitrary: fc.string({ maxLength: 80 }) },
)
const word = fc.oneof(fc.constantFrom(0, 1, -1), fc.integer()).map((value) => {
  const field = Buffer.alloc(4)
  field.writeInt32BE(value)
  return field
})
/** Days that stay in range when they are moved to 1970. */
const days = fc.integer({ min: -2_000_000, max: 2_000_000 }).map((value) => {
  const field = Buffer.alloc(4)
  field.writeInt32BE(value)
  return field
})
const micros = fc.bigInt({ min: -211_813_488_000_000_000n, max: 9_000_000_000_000_000_000n }).map((value) => {
  const field = Buffer.alloc(8)
  field.writeBigInt64BE(value)
  return field
})

/** A numeric as the server would send it. */
function numeric(unscaled: bigint, scale: number): Buffer {
  const limbs = new Uint32Array(6)
  for (let limb = 0; limb < limbs.length; limb++)
    limbs[limb] = Number((BigInt.asUintN(192, unscaled) >> BigInt(limb * 32)) & 0xffffffffn)
  const field = Buffer.alloc(64)
  const view = new DataView(field.buffer, field.byteOffset, field.length)
  return field.subarray(0, writeWideDecimal({ view, at: 0 }, scale, limbs))
}

function decimal(precision: number, scale: number): fc.Arbitrary<Buffer> {
  const limit = 10n ** BigInt(precision) - 1n
  return fc
    .oneof(fc.constantFrom(0n, 1n, -1n, limit, -limit), fc.bigInt({ min: -limit, max: limit }))
    .map((value) => numeric(value, scale))
}

const fields: Record<string, fc.Arbitrary<Buffer>> = {
  boolean: fc.boolean().map((value) => Buffer.of(value ? 1 : 0)),
  smallint: bytes(2),
  integer: word,
  bigint: bytes(8),
  real: bytes(4),
  'double precision': bytes(8),
  text: text.map((value) => Buffer.from(value)),
  jsonb: text.map((value) => Buffer.concat([Buffer.of(1), Buffer.from(JSON.stringify(value))])),
  bytea: fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  uuid: bytes(16),
  date: days,
  'timestamp without time zone': micros,
  'timestamp with time zone': micros,
  'numeric(9,2)': decimal(9, 2),
  'numeric(15,15)': decimal(15, 15),
  'numeric(18,3)': decimal(18, 3),
  'numeric(25,0)': decimal(25, 0),
  'numeric(38,10)': decimal(38, 10),
}

describe('Parquet', () => {
  it.each(Object.entries(fields))(
    'gives back the same bytes of %s, with and without NULLs',
    async (type, arbitrary) => {
      const rows = fc.array(fc.tuple(fc.option(arbitrary, { nil: null }), arbitrary), { maxLength: 700 })
      const compression = fc.constantFrom('none', 'gzip', 'zstd')
      await fc.assert(
        fc.asyncProperty(rows, compression, async (table, codec) => {
          const columns = [column(type), { ...column(type, false), name: 'required' }]
          const file = await writeFile(columns, table, codec)
          expect((await readTuples(file)).equals(Buffer.concat(table.map(tuple)))).toBe(true)
        }),
        { numRuns: 12 },
      )
    },
  )

  it.each(['none', 'zstd'] as const)(
    'keeps values that are larger than a page between small ones (%s)',
    async (compression) => {
      const large = Buffer.alloc(6 << 20, 'large ')
      const rows = [['a'], [large], ['b'], [large.subarray(1)], [null], ['c']].map(([field]) => [
        typeof field === 'string' ? Buffer.from(field) : (field ?? null),
      ])
      const file = await writeFile([column('text')], rows, compression)
      expect((await readTuples(file)).equals(Buffer.concat(rows.map(tuple)))).toBe(true)
    },
  )

  it('gives back the same arrays', async () => {
    const item = fc.option(fields['integer'] ?? word, { nil: null })
    const list = fc.array(item, { maxLength: 20 }).map(intArray)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.option(list, { nil: null })), { maxLength: 300 }),
        async (table) => {
          const file = await writeFile([column('integer[]')], table)
          expect((await readTuples(file)).equals(Buffer.concat(table.map(tuple)))).toBe(true)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('gives up a dictionary that does not pay, also in the middle of a page and of a file', async () => {
    const rows = Array.from({ length: 150_000 }, (_, index) => [
      Buffer.from(index < 100_000 ? `few ${index % 10}` : `many ${index}`),
      Buffer.from([0, 0, 0, 0, index >> 24, index >> 16, index >> 8, index].map((byte) => byte & 255)),
    ])
    const file = await writeFile([column('text'), column('bigint')], rows)
    expect((await readTuples(file)).equals(Buffer.concat(rows.map(tuple)))).toBe(true)
  })

  it('notices a changed byte in any page by its checksum', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => [Buffer.from(`value ${index}`)])
    const file = await writeFile([column('text')], rows, 'none')
    const at = file.indexOf('value 30')
    file[at] = 0x56
    await expect(readTuples(file)).rejects.toMatchObject({ code: 'invalid_data' })
  })
})

describe('the parts of the format', () => {
  it('encodeHybrid() and decodeHybrid() are inverse for runs and noise of any width', () => {
    const runs = fc.array(fc.tuple(fc.nat(70_000), fc.integer({ min: 1, max: 40 })), { maxLength: 60 })
    fc.assert(
      fc.property(runs, (parts) => {
        const values = Int32Array.from(
          parts.flatMap(([value, length]) => Array.from({ length }, () => value)),
        )
        const bitWidth = bitWidthFor(values.reduce((most, value) => Math.max(most, value + 1), 1))
        const decoded = new Int32Array(values.length)
        expect(decodeHybrid(encodeHybrid(values, values.length, bitWidth), bitWidth, decoded)).toBe(
          values.length,
        )
        expect(decoded).toEqual(values)
      }),
    )
  })

  it('readWideDecimal() gives the unscaled integer that writeWideDecimal() was given', () => {
    const limit = 10n ** 38n
    fc.assert(
      fc.property(fc.bigInt({ min: -limit, max: limit }), fc.nat(38), (value, scale) => {
        const field = numeric(value, scale)
        const limbs = new Uint32Array(5)
        readWideDecimal(
          { view: new DataView(field.buffer, field.byteOffset, field.length), at: 0 },
          scale,
          limbs,
        )
        const read = limbs.reduce((sum, limb, index) => sum | (BigInt(limb) << BigInt(index * 32)), 0n)
        expect(BigInt.asIntN(160, read)).toBe(value)
      }),
    )
  })
})

/** Element type 23 is int4; the flag says whether an element is NULL. */
function intArray(items: readonly Field[]): Buffer {
  const header = Buffer.alloc(items.length === 0 ? 12 : 20)
  header.writeInt32BE(items.length === 0 ? 0 : 1, 0)
  header.writeInt32BE(items.includes(null) ? 1 : 0, 4)
  header.writeInt32BE(23, 8)
  if (items.length > 0) {
    header.writeInt32BE(items.length, 12)
    header.writeInt32BE(1, 16)
  }
  return Buffer.concat([header, ...items.map((item) => tuple([item]).subarray(2))])
}
