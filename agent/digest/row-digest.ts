/** What is known of a set of rows in whatever order: two sums of row hashes modulo 2^64, and how much there was. */
export type RowDigest = { rows: bigint; bytes: bigint; low: bigint; high: bigint }

export const emptyDigest: RowDigest = { rows: 0n, bytes: 0n, low: 0n, high: 0n }

/** The digest of all rows of several disjoint sets together. */
export function addDigests(...digests: readonly RowDigest[]): RowDigest {
  return digests.reduce(
    (sum, { rows, bytes, low, high }) => ({
      rows: sum.rows + rows,
      bytes: sum.bytes + bytes,
      low: BigInt.asUintN(64, sum.low + low),
      high: BigInt.asUintN(64, sum.high + high),
    }),
    emptyDigest,
  )
}

/** The digest of the rows of `all` that are not in `part`. */
export function subtractDigest(all: RowDigest, part: RowDigest): RowDigest {
  return {
    rows: all.rows - part.rows,
    bytes: all.bytes - part.bytes,
    low: BigInt.asUintN(64, all.low - part.low),
    high: BigInt.asUintN(64, all.high - part.high),
  }
}

/** 32 hexadecimal digits: the form that plans, ledgers and receipts carry. */
export function digestHex({ low, high }: Pick<RowDigest, 'low' | 'high'>): string {
  return high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0')
}

export function parseDigestHex(hex: string): Pick<RowDigest, 'low' | 'high'> {
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new Error('not a row digest')
  return { high: BigInt(`0x${hex.slice(0, 16)}`), low: BigInt(`0x${hex.slice(16)}`) }
}
