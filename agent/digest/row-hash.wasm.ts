/**
 * The row hash: 256 bits of state in four lanes of XXH64's round (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md),
 * finished twice with different mixes into two independent 64-bit halves. The digest of a set of rows is the sum of both
 * halves modulo 2^64, so that the order of the rows does not matter and a doubled row does not cancel out.
 */
// @ts-nocheck: AssemblyScript

const P1: u64 = 0x9e3779b185ebca87
const P2: u64 = 0xc2b2ae3d27d4eb4f
const P3: u64 = 0x165667b19e3779f9
const P4: u64 = 0x85ebca77c2b2ae63
const P5: u64 = 0x27d4eb2f165667c5

export let rowCount: u64 = 0
export let byteCount: u64 = 0
export let sumLow: u64 = 0
export let sumHigh: u64 = 0

/** A row that is split over several windows is hashed piece by piece: lanes, its bytes so far, and the unfinished stripe. */
let lane0: u64 = 0
let lane1: u64 = 0
let lane2: u64 = 0
let lane3: u64 = 0
let rowLength: u32 = 0
const stripe = memory.data(32)

export function resetDigest(): void {
  rowCount = 0
  byteCount = 0
  sumLow = 0
  sumHigh = 0
}

function round(lane: u64, word: u64): u64 {
  return rotl<u64>(lane + word * P2, 31) * P1
}

function avalanche(hash: u64, first: u64, second: u64): u64 {
  hash ^= hash >> 33
  hash *= first
  hash ^= hash >> 29
  hash *= second
  return hash ^ (hash >> 32)
}

/** Hashes a row that lies in memory as a whole. */
export function addRow(at: usize, length: u32): void {
  startRow()
  const stripesEnd = at + (length & ~31)
  let v0 = lane0
  let v1 = lane1
  let v2 = lane2
  let v3 = lane3
  let p = at
  while (p < stripesEnd) {
    v0 = round(v0, load<u64>(p))
    v1 = round(v1, load<u64>(p, 8))
    v2 = round(v2, load<u64>(p, 16))
    v3 = round(v3, load<u64>(p, 24))
    p += 32
  }
  lane0 = v0
  lane1 = v1
  lane2 = v2
  lane3 = v3
  rowLength = length
  finish(p)
}

export function startRow(): void {
  lane0 = P1 + P2
  lane1 = P2
  lane2 = P5
  lane3 = 0 - P1
  rowLength = 0
}

/** Adds the next bytes of a row. */
export function addPiece(at: usize, length: u32): void {
  const used = rowLength & 31
  rowLength += length
  if (used + length < 32) {
    memory.copy(stripe + used, at, length)
    return
  }
  let p = at
  const end = at + length
  if (used > 0) {
    const missing = 32 - used
    memory.copy(stripe + used, p, missing)
    addStripe(stripe)
    p += missing
  }
  while (p + 32 <= end) {
    addStripe(p)
    p += 32
  }
  memory.copy(stripe, p, end - p)
}

export function endRow(): void {
  finish(stripe)
}

function addStripe(p: usize): void {
  lane0 = round(lane0, load<u64>(p))
  lane1 = round(lane1, load<u64>(p, 8))
  lane2 = round(lane2, load<u64>(p, 16))
  lane3 = round(lane3, load<u64>(p, 24))
}

/** Mixes the last `rowLength % 32` bytes at `p` and the length, and adds the row to the sums. */
function finish(p: usize): void {
  let rest = rowLength & 31
  let v0 = lane0
  let v1 = lane1
  let v2 = lane2
  let v3 = lane3
  if (rest >= 16) {
    v0 = round(v0, load<u64>(p))
    v1 = round(v1, load<u64>(p, 8))
    p += 16
    rest -= 16
  }
  if (rest >= 8) {
    v2 = round(v2, load<u64>(p))
    p += 8
    rest -= 8
  }
  if (rest > 0) v3 = round(v3, tail(p, rest))
  const size = <u64>rowLength
  const low = rotl<u64>(v0, 1) + rotl<u64>(v1, 7) + rotl<u64>(v2, 12) + rotl<u64>(v3, 18) + size * P3
  const high = (v0 ^ rotl<u64>(v1, 29)) * P3 + (v2 ^ rotl<u64>(v3, 37)) * P4 + size * P5
  sumLow += avalanche(low, P2, P3)
  sumHigh += avalanche(high, P4, P1)
  rowCount += 1
  byteCount += size
}

/** One to seven bytes as a little-endian word, without reading beyond them. */
function tail(p: usize, count: u32): u64 {
  let word: u64 = 0
  for (let i: u32 = 0; i < count; i++) word |= (<u64>load<u8>(p + i)) << (i * 8)
  return word
}
