import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

export type AgentFile = { bytes: Buffer<ArrayBuffer>; sha256: string }

/** Where agent/build.ts puts the agent; every command runs in the project's folder. */
const path = join(process.cwd(), 'dist', 'agent', 'sallyport-agent.cjs')
let kept: { changedMs: number; file: AgentFile } | undefined

/** The agent that nodes download, read again when it was built anew; null where it was not built. */
export async function readAgentFile(): Promise<AgentFile | null> {
  const found = await stat(path).catch(() => null)
  if (!found) return null
  if (kept?.changedMs === found.mtimeMs) return kept.file
  const bytes = await readFile(path)
  const file = { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
  kept = { changedMs: found.mtimeMs, file }
  return file
}
