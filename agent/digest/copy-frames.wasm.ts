/**
 * Walks the messages of a COPY … TO STDOUT. Each CopyData message is exactly one row
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html, CopyData), so rows are hashed without parsing them.
 */
// @ts-nocheck: AssemblyScript
import {
  addPiece,
  addRow,
  byteCount,
  endRow,
  resetDigest,
  rowCount,
  startRow,
  sumHigh,
  sumLow,
} from './row-hash.wasm'
export { byteCount, rowCount, sumHigh, sumLow }

/** The window that the host fills before each call. */
const WINDOW: u32 = 1 << 18
/** Compacted output begins before the window, so that two held-back bytes never overtake what is still to be read. */
const SLACK: u32 = 8
const output = memory.data((1 << 18) + 8, 16)
const window = output + SLACK

/** Bytes of the message header seen so far, and the header itself. */
let headerSeen: u32 = 0
const header = memory.data(5)
/** Bytes of the current payload still to come; the payload is inside a row when `inRow`. */
let remaining: u32 = 0
let inRow: bool = false
/** Binary format: the first message begins with 19 bytes that belong to no row, and a payload FF FF is the trailer. */
let isBinary: bool = false
let skip: u32 = 0
let compact: bool = false
/** How many bytes of bare rows the last call left at `outputAt()` when it compacts. */
export let compacted: u32 = 0
/** Where among them the last whole row ends; 0 when no row ended. */
export let wholeRowsEnd: u32 = 0
/** A two-byte binary payload may be the trailer: it is held back until it is whole. */
let short: u32 = 0
const shortBytes = memory.data(2)

export function windowAt(): usize {
  return window
}
export function outputAt(): usize {
  return output
}
export function windowSize(): u32 {
  return WINDOW
}

/** Starts a new COPY; the digest goes on unless `fresh`. `compacting` leaves bare rows at `outputAt()`, and digests them there. */
export function begin(binary: bool, fresh: bool, compacting: bool): void {
  headerSeen = 0
  remaining = 0
  inRow = false
  isBinary = binary
  skip = binary ? 19 : 0
  compact = compacting
  short = 0
  if (fresh) resetDigest()
}

/** Digests `length` bytes at the window and returns how many of them are CopyData messages: it stops before any other. */
export function scan(length: u32): u32 {
  let p = window
  const end = window + length
  let out = output
  wholeRowsEnd = 0
  while (true) {
    if (remaining > 0) {
      const take = min<u32>(remaining, <u32>(end - p))
      if (take == 0) break
      out = payload(p, take, out)
      p += take
      continue
    }
    // fast path: the whole message is in the window
    if (headerSeen == 0 && p + 5 <= end) {
      if (load<u8>(p) != 0x64) break
      const size = bswap<u32>(load<u32>(p, 1)) - 4
      if (p + 5 + size <= end && !isOdd(size)) {
        if (compact) {
          memory.copy(out, p + 5, size)
          addRow(out, size)
          out += size
          wholeRowsEnd = <u32>(out - output)
        } else addRow(p + 5, size)
        p += 5 + size
        continue
      }
    }
    if (p == end) break
    if (headerSeen == 0 && load<u8>(p) != 0x64) break
    store<u8>(header + headerSeen, load<u8>(p))
    p += 1
    headerSeen += 1
    if (headerSeen == 5) openPayload()
  }
  compacted = <u32>(out - output)
  return <u32>(p - window)
}

/** Messages that may hold something else than one plain row take the slow path. */
function isOdd(size: u32): bool {
  return skip > 0 || (isBinary && size == 2)
}

function openPayload(): void {
  headerSeen = 0
  remaining = bswap<u32>(load<u32>(header, 1)) - 4
  short = 0
  inRow = false
  if (remaining == 0 && skip == 0) {
    startRow()
    endRow()
  }
}

/** Takes the next `length` bytes of the current payload; returns the new end of the compacted output. */
function payload(p: usize, length: u32, out: usize): usize {
  remaining -= length
  if (skip > 0) {
    const skipped = min<u32>(skip, length)
    skip -= skipped
    p += skipped
    length -= skipped
    if (length == 0) return out
  }
  if (!inRow && isBinary && short < 2) {
    while (short < 2 && length > 0) {
      store<u8>(shortBytes + short, load<u8>(p))
      short += 1
      p += 1
      length -= 1
    }
    if (short < 2 || (remaining == 0 && length == 0 && load<u16>(shortBytes) == 0xffff)) return out
    startRow()
    inRow = true
    addPiece(shortBytes, 2)
    if (compact) {
      store<u16>(out, load<u16>(shortBytes))
      out += 2
    }
  }
  if (!inRow) {
    startRow()
    inRow = true
  }
  if (compact) {
    memory.copy(out, p, length)
    p = out
    out += length
  }
  addPiece(p, length)
  if (remaining == 0) {
    inRow = false
    endRow()
    wholeRowsEnd = <u32>(out - output)
  }
  return out
}
