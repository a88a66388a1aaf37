import type { NameList } from '@/lib/name-page'

/** `dataset "a"`, `datasets "a" and "b"`, `datasets "a", "b" and 7 more`. */
export function namesOf(noun: string, { names, total }: NameList): string {
  const shown = names.slice(0, 3).map((name) => `"${name}"`)
  const more = total - shown.length
  const last = more > 0 ? `${more} more` : shown.length > 1 ? shown.pop() : undefined
  return `${noun}${total === 1 ? '' : 's'} ${shown.join(', ')}${last ? ` and ${last}` : ''}`
}
