import { randomBytes } from 'node:crypto'

/** Per millisecond, as many as the 12 bits of `rand_a` count. */
const perMs = 4096

/** UUIDs of version 7 (RFC 9562, section 5.7) that sort in the order of the list: the queue hands equal tasks out in this order. */
export function orderedIds(count: number, nowMs: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const bytes = randomBytes(16)
    bytes.writeUIntBE(nowMs + Math.floor(index / perMs), 0, 6)
    bytes.writeUInt16BE(0x7000 | (index % perMs), 6)
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  })
}
