/** CopyData messages, one for each payload, as a server frames rows. */
export function messages(payloads: readonly Uint8Array[]): Buffer {
  const parts = payloads.flatMap((payload) => {
    const head = Buffer.alloc(5)
    head[0] = 0x64
    head.writeInt32BE(payload.length + 4, 1)
    return [head, payload]
  })
  return Buffer.concat(parts)
}

/** Cuts at the given lengths, again and again. */
export function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % (lengths.length || 1)] ?? bytes.length
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}
