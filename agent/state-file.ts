import { join } from 'node:path'
import { z } from 'zod'
import { readFileIfThere, writePrivateFile } from './files.ts'

/** What the running agent tells `status` and `doctor` on the same machine. */
export const AgentState = z.object({
  pid: z.number().int(),
  startedAt: z.string(),
  updatedAt: z.string(),
  portalUrl: z.string(),
  lastAnswerAt: z.string().nullable(),
  lastError: z.string().nullable(),
  wish: z.enum(['active', 'cordoned', 'draining']),
  stopping: z.boolean(),
  vaultGeneration: z.number().int(),
  vaultStrict: z.boolean().default(false),
  tasks: z.array(
    z.object({
      taskId: z.string(),
      kind: z.string(),
      phase: z.string(),
      rows: z.string(),
      bytes: z.string(),
    }),
  ),
})
export type AgentState = z.infer<typeof AgentState>
const fileName = 'state.json'

export function writeState(dataDir: string, state: AgentState): Promise<void> {
  return writePrivateFile(join(dataDir, fileName), JSON.stringify(state))
}

/** Null where no agent ever ran here. */
export async function readState(dataDir: string): Promise<AgentState | null> {
  const text = await readFileIfThere(join(dataDir, fileName))
  return text === null ? null : AgentState.parse(JSON.parse(text))
}
