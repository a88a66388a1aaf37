/** The fixed profile of RFC 9421 that nodes use: which components are covered, and with which parameters. */
export const signatureLabel = 'sallyport'
export const signatureTag = 'sallyport-node/1'
/** Accepted difference between `created` and the portal's clock (reliability-and-security.md, section 2). */
export const maxSkewSeconds = 60
const components = '("@method" "@target-uri" "content-digest")'

export type SignatureInput = { created: number; nonce: string; keyId: string }

/** The `Signature-Input` header's value, and the last line of the signature base (RFC 9421, section 2.3). */
export function signatureParameters({ created, nonce, keyId }: SignatureInput): string {
  return `${components};created=${created};nonce="${nonce}";keyid="${keyId}";alg="ed25519";tag="${signatureTag}"`
}

/** What is signed (RFC 9421, section 2.5). `contentDigest` is the header's value, `sha-256=:…:` (RFC 9530). */
export function signatureBase(
  message: { method: string; targetUri: string; contentDigest: string },
  input: SignatureInput,
): string {
  return [
    `"@method": ${message.method}`,
    `"@target-uri": ${message.targetUri}`,
    `"content-digest": ${message.contentDigest}`,
    `"@signature-params": ${signatureParameters(input)}`,
  ].join('\n')
}

const inputPattern =
  /^sallyport=\("@method" "@target-uri" "content-digest"\);created=(\d{1,12});nonce="([A-Za-z0-9_-]{22,44})";keyid="([A-Za-z0-9_-]{1,64})";alg="ed25519";tag="sallyport-node\/1"$/

/** Reads a `Signature-Input` of this profile; null for any other form: there is nothing to negotiate. */
export function parseSignatureInput(header: string): SignatureInput | null {
  const match = inputPattern.exec(header)
  if (!match?.[1] || !match[2] || !match[3]) return null
  return { created: Number(match[1]), nonce: match[2], keyId: match[3] }
}
