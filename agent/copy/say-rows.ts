/** As people read it: `1 row`, `3,000,000 rows`. */
export function sayRows(rows: bigint): string {
  return rows === 1n ? '1 row' : `${rows.toLocaleString('en-US')} rows`
}
