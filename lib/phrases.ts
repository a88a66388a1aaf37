/** `dataset "a"`, `datasets "a" and "b"`, `datasets "a", "b" and 7 more`. */
export function namesOf(noun: string, things: { name: string }[]): string {
  const shown = things.slice(0, 3).map(({ name }) => `"${name}"`)
  const more = things.length - shown.length
  const last = more > 0 ? `${more} more` : shown.length > 1 ? shown.pop() : undefined
  return `${noun}${things.length === 1 ? '' : 's'} ${shown.join(', ')}${last ? ` and ${last}` : ''}`
}
