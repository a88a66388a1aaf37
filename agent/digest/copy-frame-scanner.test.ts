import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cut, messages } from '../testing/copy-messages.ts'
import { CopyFrameScanner } from './copy-frame-scanner.ts'
import { compileWasm, wasmSources } from './build-wasm.ts'
import { addDigests, digestHex, emptyDigest, parseDigestHex, type RowDigest } from './row-digest.ts'
import { wasmBinaries } from './wasm-binaries.ts'

const row = fc.uint8Array({ maxLength: 90 })
const rows = fc.array(row, { maxLength: 40 })

test.each(wasmSources)('the compiled module %s agrees with its source', async (name) => {
  expect(Buffer.from(await compileWasm(name)).toString('base64')).toBe(wasmBinaries[name])
})

test('the digest does not depend on the order of rows nor on how the bytes arrive', () => {
  fc.assert(
    fc.property(
      rows,
      fc.array(fc.integer({ min: 1, max: 70 })),
      fc.infiniteStream(fc.nat()),
      (set, cuts, order) => {
        const shuffled = set.map((value) => ({ value, key: order.next().value ?? 0 }))
        shuffled.sort((a, b) => a.key - b.key)
        const whole = digestOf(set)
        expect(
          digestOf(
            shuffled.map(({ value }) => value),
            cuts,
          ),
        ).toEqual(whole)
        expect(whole.rows).toBe(BigInt(set.length))
        expect(whole.bytes).toBe(BigInt(set.reduce((sum, { length }) => sum + length, 0)))
      },
    ),
  )
})

test('the digests of disjoint parts add up to the digest of the whole', () => {
  fc.assert(
    fc.property(rows, rows, (left, right) => {
      expect(addDigests(digestOf(left), digestOf(right))).toEqual(digestOf([...left, ...right]))
    }),
  )
})

test('a flipped bit, a dropped row, a doubled row and bytes moved between rows change the digest', () => {
  const some = fc.array(row, { minLength: 2, maxLength: 20 })
  fc.assert(
    fc.property(some, fc.nat(), fc.nat(), (set, at, bit) => {
      const good = digestHex(digestOf(set))
      const index = at % set.length
      const victim = set[index] ?? new Uint8Array()
      expect(digestHex(digestOf(set.toSpliced(index, 1)))).not.toBe(good)
      expect(digestHex(digestOf([...set, victim]))).not.toBe(good)
      if (victim.length === 0) return
      const flipped = Uint8Array.from(victim)
      flipped[bit % victim.length] = (victim[bit % victim.length] ?? 0) ^ (1 << (bit % 8))
      expect(digestHex(digestOf(set.with(index, flipped)))).not.toBe(good)
      const moved = [
        victim.subarray(1),
        Uint8Array.from([...(set[(index + 1) % set.length] ?? []), victim[0] ?? 0]),
      ]
      const others = set.filter((_, other) => other !== index && other !== (index + 1) % set.length)
      if (set.length > 1 && !sameRows([...others, ...moved], set))
        expect(digestHex(digestOf([...others, ...moved]))).not.toBe(good)
    }),
  )
})

test('no two of 200,000 similar rows collide in either half of the hash', () => {
  const scanner = new CopyFrameScanner('text')
  const [lows, highs] = [new Set<bigint>(), new Set<bigint>()]
  let before = emptyDigest
  const frame = messages([new Uint8Array(12)])
  for (let value = 0; value < 200_000; value += 1) {
    frame.writeInt32BE(value, 5)
    frame.writeInt32LE(value, 13)
    scanner.scan(frame)
    const now = scanner.digest()
    lows.add(BigInt.asUintN(64, now.low - before.low))
    highs.add(BigInt.asUintN(64, now.high - before.high))
    before = now
  }
  expect(lows.size).toBe(200_000)
  expect(highs.size).toBe(200_000)
})

test('binary format: header and trailer belong to no row, and bare rows come out whole', () => {
  const header = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex')
  const tuple = fc.uint8Array({ minLength: 2, maxLength: 60 }).filter((bytes) => bytes[0] !== 0xff)
  fc.assert(
    fc.property(
      fc.array(tuple, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 70 })),
      (set, cuts) => {
        const [first, ...rest] = [...set, Uint8Array.of(0xff, 0xff)]
        const copy = messages([Buffer.concat([header, first]), ...rest])
        const pieces: Buffer[] = []
        let whole = 0
        const scanner = new CopyFrameScanner('binary', (bare) => {
          whole = Buffer.concat(pieces).length + bare.whole
          pieces.push(Buffer.from(bare.bytes))
        })
        for (const chunk of cut(Buffer.concat([copy, Buffer.from('c')]), cuts)) scanner.scan(chunk)
        expect(scanner.digest()).toEqual(digestOf(set))
        expect(Buffer.concat(pieces)).toEqual(Buffer.concat(set))
        if (set.length > 0) expect(whole).toBe(Buffer.concat(set).length)
      },
    ),
  )
})

test('scan() stops before the first message that is no CopyData', () => {
  const data = messages([Buffer.from('1,2\n'), Buffer.from('3,4\n')])
  const scanner = new CopyFrameScanner('csv')
  expect(scanner.scan(Buffer.concat([data, Buffer.from('c\0\0\0\x04C')]))).toBe(data.length)
  expect(scanner.digest().rows).toBe(2n)
})

test('a row larger than the window counts once', () => {
  const large = Buffer.alloc(3_000_000, 7)
  expect(digestOf([large])).toEqual(digestOf([large], [65_536]))
  expect(digestOf([large]).rows).toBe(1n)
})

test('digestHex() and parseDigestHex() are inverse', () => {
  const { low, high } = digestOf([Buffer.from('a')])
  expect(parseDigestHex(digestHex({ low, high }))).toEqual({ low, high })
  expect(() => parseDigestHex('xyz')).toThrow('not a row digest')
})

function digestOf(set: readonly Uint8Array[], cuts: readonly number[] = []): RowDigest {
  const scanner = new CopyFrameScanner('text')
  for (const chunk of cut(messages(set), cuts)) scanner.scan(chunk)
  return scanner.digest()
}

function sameRows(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return sortedHex(left) === sortedHex(right)
}

function sortedHex(set: readonly Uint8Array[]): string {
  return set
    .map((bytes) => Buffer.from(bytes).toString('hex'))
    .toSorted()
    .join()
}
