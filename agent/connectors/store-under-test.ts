import type { FileStore, StagedFile } from './connector.ts'

/** A store under test, with a way around it to put and look at files. */
export type StoreUnderTest = {
  store: FileStore
  container: string | undefined
  put: (path: string, content: Uint8Array | string) => Promise<void>
  get: (path: string) => Promise<Buffer | null>
  /** Paths of everything in the store, staged files too. */
  everything: () => Promise<string[]>
}

type Upload = { path: string; content: Uint8Array | string; epoch?: number; runId: string; part?: number }

/** Writes and commits a staged file in pieces, out of a buffer that is used again. */
export async function stage(
  { store, container }: Pick<StoreUnderTest, 'store' | 'container'>,
  { path, content, epoch = 1, runId, part = 0 }: Upload,
): Promise<StagedFile> {
  const writer = await store.openStagedWriter({
    container,
    runId,
    part,
    epoch,
    index: 0,
    folder: 'out',
    path,
  })
  const bytes = Buffer.from(content)
  const chunk = Buffer.alloc(700_001)
  for (let at = 0; at < bytes.length; at += chunk.length) {
    const length = bytes.copy(chunk, 0, at)
    await writer.write(chunk.subarray(0, length))
    chunk.fill(0)
  }
  return writer.commit('0123')
}
