import { join } from 'node:path'
import { z } from 'zod'
import { SealedCredential } from '../../lib/protocol/stores.ts'
import { CredentialContext, MembershipEntry, VaultWrap } from '../../lib/protocol/vault.ts'
import { readFileIfThere, writePrivateFile } from '../files.ts'

/** Everything of the vault that this node keeps: all of it signed or sealed, none of it in clear. */
export const VaultFile = z.object({
  vaultVersion: z.string(),
  /** Once strict, a portal cannot talk this node out of it. */
  strict: z.boolean(),
  log: z.array(MembershipEntry),
  wraps: z.array(VaultWrap),
  credentials: z.array(z.object({ sealed: SealedCredential, context: CredentialContext })),
})
export type VaultFile = z.infer<typeof VaultFile>
export type KeptCredential = VaultFile['credentials'][number]

const path = (dataDir: string) => join(dataDir, 'vault', 'vault.json')

export async function readVaultFile(dataDir: string): Promise<VaultFile> {
  const text = await readFileIfThere(path(dataDir))
  return text === null
    ? { vaultVersion: '0', strict: false, log: [], wraps: [], credentials: [] }
    : VaultFile.parse(JSON.parse(text))
}

export function writeVaultFile(dataDir: string, file: VaultFile): Promise<void> {
  return writePrivateFile(path(dataDir), JSON.stringify(file))
}
