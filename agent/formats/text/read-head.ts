import type { FileReader } from '../../connectors/connector.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { readText } from './decompress.ts'

/** Enough for any header and for a hundred rows to look at. */
const headBytes = 1 << 20

export type Head = {
  text: string
  /** There is no more of it. */
  isWhole: boolean
  isUtf8: boolean
}

/** The beginning of a file's text. */
export async function readHead(reader: FileReader): Promise<Head> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of readText(reader)) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    if (length >= headBytes) break
  }
  const bytes = Buffer.concat(chunks).subarray(0, headBytes)
  requireNoUtf16(bytes, reader.entry.path)
  const isWhole = length < headBytes
  // A character cut in two at the end is left out with the record it is in.
  const decode = (fatal: boolean) => new TextDecoder('utf-8', { fatal }).decode(bytes, { stream: !isWhole })
  try {
    return { text: decode(true), isWhole, isUtf8: true }
  } catch {
    return { text: decode(false), isWhole, isUtf8: false }
  }
}

/** What spreadsheets call “Unicode text” begins with these marks; to a reader of UTF-8 it is full of NULs. */
const utf16Marks = ['fffe', 'feff']

function requireNoUtf16(bytes: Buffer, path: string): void {
  if (utf16Marks.includes(bytes.toString('hex', 0, 2)))
    throw new TaskFailure('invalid_data', `File “${path}” is UTF-16: save it as UTF-8 and copy it again.`, {
      side: 'source',
    })
}
