import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CopyFrameScanner } from '../../../digest/copy-frame-scanner.ts'
import { cut, messages } from '../../../testing/copy-messages.ts'
import { copyHeader, copyTrailer } from '../../rows.ts'
import { PackedRows } from './packed-rows.ts'

const tuple = fc.uint8Array({ minLength: 2, maxLength: 60 }).filter((bytes) => bytes[0] !== 0xff)
const lengths = fc.array(fc.integer({ min: 1, max: 70 }))

test('rows go on as they came, without the messages around them, however the network cuts them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tuple, { maxLength: 20 }), lengths, async (rows, cuts) => {
      const copy = [copyHeader, messages(rows), copyTrailer]
      const { sent, packed, givenBack } = await pack('binary', cut(Buffer.concat(copy), cuts))
      expect(sent).toEqual(Buffer.concat([copyHeader.subarray(5), ...rows, copyTrailer.subarray(5)]))
      expect(givenBack).toBe(Buffer.concat(copy).length)
      expect(packed.digest()).toEqual(digestOf(rows))
    }),
  )
})

test('a row larger than a piece, and text, which has neither header nor trailer', async () => {
  const rows = [Buffer.alloc(3_000_000, 'x'), Buffer.from('a\t\\N\n'), Buffer.from('\n')]
  const { sent, packed, givenBack } = await pack('text', cut(messages(rows), [700_000]))
  expect(sent.equals(Buffer.concat(rows))).toBe(true)
  expect(givenBack).toBe(messages(rows).length)
  expect(packed.digest()).toEqual(digestOf(rows))
})

async function pack(format: 'binary' | 'text', chunks: readonly Buffer[]) {
  const sent: Buffer[] = []
  let givenBack = 0
  const into = {
    // Header and trailer come as messages of their own.
    writeMessages: async (bytes: Uint8Array) => void sent.push(Buffer.from(bytes.subarray(5))),
    writeLent: async (bytes: Uint8Array, done: () => void) => {
      sent.push(Buffer.from(bytes))
      done()
    },
  }
  const packed = new PackedRows(format)
  await packed.begin(into)
  for (const chunk of chunks)
    await packed.write(Buffer.from(chunk), into, (piece) => {
      givenBack += piece.byteLength
    })
  await packed.end(into)
  return { sent: Buffer.concat(sent), packed, givenBack }
}

function digestOf(rows: readonly Uint8Array[]) {
  const scanner = new CopyFrameScanner('text')
  scanner.scan(messages(rows))
  return scanner.digest()
}
