/** Crockford's alphabet: no letter that is read as another or as a digit. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const symbolCount = 20

/**
 * What people compare and type to name a node's two keys: 100 bits of their SHA-256, as `7K2M9-…` in four groups. Short
 * enough to type, long enough that nobody finds other keys with the same one.
 */
export async function keyFingerprint(keys: { signingKey: string; vaultKey: string }): Promise<string> {
  const text = `sallyport/node-fingerprint/1\n${keys.signingKey}\n${keys.vaultKey}`
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  let symbols = ''
  for (let index = 0; index < symbolCount; index += 1) symbols += alphabet[fiveBits(digest, index * 5)]
  return grouped(symbols)
}

/** A fingerprint as somebody typed it, in the form that `keyFingerprint` gives; null for anything else. */
export function readFingerprint(typed: string): string | null {
  const symbols = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  const isWhole = new RegExp(`^[${alphabet}]{${symbolCount}}$`).test(symbols)
  return isWhole ? grouped(symbols) : null
}

function fiveBits(bytes: Uint8Array, bit: number): number {
  const at = bit >> 3
  const two = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  return (two >> (11 - (bit & 7))) & 31
}

function grouped(symbols: string): string {
  return symbols.match(/.{5}/g)?.join('-') ?? ''
}
