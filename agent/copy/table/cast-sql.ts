/**
 * A cast as the server is asked for it. What becomes numeric goes by way of text: PostgreSQL's own cast from floating point
 * keeps 15 of its 17 digits, and 6 of 9 for real, while the text has all of them. `type`: the server's own type text.
 */
export function castSql(expression: string, type: string): string {
  return /^numeric\b/.test(type) ? `${expression}::text::${type}` : `${expression}::${type}`
}
