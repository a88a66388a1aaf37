/** As people read it: `1 row`, `3,000,000 rows`. */
export function sayRows(rows: bigint): string {
  return rows === 1n ? '1 row' : `${rows.toLocaleString('en-US')} rows`
}

export function inParts(count: number): string {
  return count === 1 ? 'in its one part' : `in each of ${count} parts`
}
