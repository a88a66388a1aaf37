import type { FileReader } from '../../connectors/connector.ts'
import { readText } from './decompress.ts'

/** Enough for any header and for a hundred rows to look at. */
const headBytes = 1 << 20

/** The beginning of a file's text. `isWhole`: there is no more of it. */
export async function readHead(reader: FileReader): Promise<{ text: string; isWhole: boolean }> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of readText(reader)) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    if (length >= headBytes) break
  }
  const bytes = Buffer.concat(chunks).subarray(0, headBytes)
  const isWhole = length < headBytes
  // A character cut in two at the end is left out with the record it is in.
  return { text: new TextDecoder().decode(bytes, { stream: !isWhole }), isWhole }
}
