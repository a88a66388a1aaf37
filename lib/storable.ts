/** Neither a form nor the deepest message of the protocol (about 10 levels) needs more. */
const maxDepth = 64

/** PostgreSQL holds neither NUL nor half a surrogate pair in text; and nothing may exhaust the stack further in. */
export function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  if (depth === maxDepth) return false
  return Object.entries(value).every(([key, member]) => isStorable(key) && isStorable(member, depth + 1))
}
