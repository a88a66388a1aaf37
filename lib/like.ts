/** A text for LIKE that stands for itself: what is a sign there is escaped. */
function literally(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`)
}

/** LIKE's pattern for what has the text in it. */
export function containing(text: string): string {
  return `%${literally(text)}%`
}

/** LIKE's pattern for what begins with the text. */
export function beginningWith(text: string): string {
  return `${literally(text)}%`
}
