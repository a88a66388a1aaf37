import { once } from 'node:events'
import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { FileReader } from '../../connectors/connector.ts'
import { TaskFailure } from '../../copy/failure.ts'

export type TextCompression = 'none' | 'gzip' | 'zstd'

/** First bytes of gzip (RFC 1952, section 2.3.1) and of a Zstandard frame (RFC 8878, section 3.1.1). */
const [gzipMagic, zstdMagic] = ['1f8b', '28b52ffd']

/** Names may lie; the first bytes do not. */
export async function compressionOf(reader: FileReader): Promise<TextCompression> {
  if (reader.entry.sizeBytes < 4) return 'none'
  const start = Buffer.from(await reader.read(0, 4)).toString('hex')
  if (start.startsWith(gzipMagic)) return 'gzip'
  return start === zstdMagic ? 'zstd' : 'none'
}

/**
 * The text of a file from position `start` of the text, whatever it is compressed with. Only a file that is not compressed has
 * an `end` before its own: no other is divided.
 */
export async function* readText(reader: FileReader, start = 0, end?: number): AsyncGenerator<Uint8Array> {
  const compression = await compressionOf(reader)
  if (compression === 'none') {
    yield* reader.stream(start, end)
    return
  }
  let skip = start
  for await (const chunk of unpack(
    reader,
    compression === 'gzip' ? createGunzip() : createZstdDecompress(),
  )) {
    const from = Math.min(skip, chunk.length)
    skip -= from
    if (from < chunk.length) yield chunk.subarray(from)
  }
}

async function* unpack(reader: FileReader, stream: Transform): AsyncGenerator<Buffer> {
  const feeding = feed(reader, stream)
  try {
    yield* stream as AsyncIterable<Buffer>
  } catch (error) {
    await feeding // an error of the store explains more than the broken stream that follows from it
    throw new TaskFailure('invalid_data', `File “${reader.entry.path}” is damaged: it cannot be unpacked.`, {
      side: 'source',
      cause: error,
    })
  } finally {
    stream.destroy()
  }
  await feeding
}

async function feed(reader: FileReader, stream: Transform): Promise<void> {
  try {
    for await (const chunk of reader.stream()) {
      if (stream.destroyed) return
      // The stream keeps what it has not taken in yet, and the reader may overwrite the chunk.
      if (!stream.write(Buffer.from(chunk)))
        await Promise.race([once(stream, 'drain'), once(stream, 'close')])
    }
    stream.end()
  } catch (error) {
    if (stream.destroyed && !(error instanceof TaskFailure)) return
    stream.destroy()
    throw error
  }
}
