/** Binary COPY tuples whose fields are JSON texts become lines of JSON: the keys are put before them, and that is all. */
// @ts-nocheck: AssemblyScript

/** Start and length of what stands before each field: `{"a":`, `,"b":`. */
const prefixes = memory.data(1664 * 8, 4)
let heap: usize = 0
let input: usize = 0
let out: usize = 0
let outEnd: usize = 0
let prefixBytes: u32 = 0
let columns: u32 = 0
export let outputLength: u32 = 0

export function prefixesAt(): usize {
  return prefixes
}
export function reserveNames(size: u32): usize {
  const at = (__heap_base + 15) & ~15
  heap = at + ((size + 31) & ~15)
  prefixBytes = size
  return at
}
export function reserve(inputSize: u32, outputSize: u32): usize {
  input = heap
  out = input + inputSize
  outEnd = out + outputSize
  const pages = <i32>((outEnd + 0xffff) >>> 16) - memory.size()
  if (pages > 0) memory.grow(pages)
  return input
}
export function outputAt(): usize {
  return out
}
export function configure(columnCount: u32): void {
  columns = columnCount
}

/** Takes whole tuples from `length` bytes and returns how many bytes they are: the output may be full before. */
export function encode(length: u32): u32 {
  const end = input + length
  let p = input
  let to = out
  while (p < end) {
    const row = p
    let q = p + 2
    const start = to
    let needed: u32 = prefixBytes + 8 + columns * 4
    for (let i: u32 = 0; i < columns; i++) {
      const size = bswap<u32>(load<u32>(q))
      if (size != 0xffffffff) {
        needed += size
        q += size
      }
      q += 4
    }
    if (to + needed > outEnd) {
      p = row
      break
    }
    q = p + 2
    for (let i: u32 = 0; i < columns; i++) {
      const prefix = prefixes + i * 8
      memory.copy(to, load<u32>(prefix), load<u32>(prefix, 4))
      to += load<u32>(prefix, 4)
      const size = bswap<u32>(load<u32>(q))
      q += 4
      if (size == 0xffffffff) {
        store<u32>(to, 0x6c6c756e)
        to += 4
      } else {
        memory.copy(to, q, size)
        to += size
        q += size
      }
    }
    store<u16>(to, 0x0a7d)
    to += 2
    p = q
  }
  outputLength = <u32>(to - out)
  return <u32>(p - input)
}
