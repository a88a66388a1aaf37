/** The address that server/main.ts believes: it overwrites this header on every request, so a browser cannot set it. */
export function clientAddress(headers: { get(name: string): string | null }): string {
  return headers.get('x-forwarded-for')?.trim() || 'unknown'
}
