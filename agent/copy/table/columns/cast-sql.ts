/** The server's own type texts; `from` where it is known. */
type Cast = { from?: string; to: string }

/**
 * A cast as the server is asked for it. What becomes numeric goes by way of text: PostgreSQL's own cast from floating point
 * keeps 15 of its 17 digits, and 6 of 9 for real, while the text has all of them. (The text of money is no number.)
 */
export function castSql(expression: string, { from, to }: Cast): string {
  const isExact = from !== undefined && !/^(real|double precision)\b/.test(from)
  return /^numeric\b/.test(to) && !isExact ? `${expression}::text::${to}` : `${expression}::${to}`
}
