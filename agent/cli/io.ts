/** Where a command speaks: results to `out`, errors to `err`. */
export type Io = { out: (line: string) => void; err: (line: string) => void }

/** Two columns, aligned: what `status` and `doctor` print. */
export function printPairs(io: Io, pairs: readonly (readonly [string, string])[]): void {
  const width = Math.max(...pairs.map(([name]) => name.length))
  for (const [name, value] of pairs) io.out(`${name.padEnd(width)}  ${value}`)
}
