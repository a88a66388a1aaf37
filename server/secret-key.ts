import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readIfThere, writePrivate } from '@/server/files'
import { Secret } from '@/lib/secret'

/** The portal's own 32-byte key, base64 in a file that only its user reads; made on the first start. */
export async function ensureSecretKey(path: string): Promise<Secret<Uint8Array>> {
  const kept = await readIfThere(path)
  if (kept === null) {
    const made = randomBytes(32)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writePrivate(path, `${made.toString('base64')}\n`)
    return new Secret(made)
  }
  const key = Buffer.from(kept.trim(), 'base64')
  if (key.length !== 32)
    throw new Error(`${path} must hold 32 bytes in base64, for example from "openssl rand -base64 32"`)
  return new Secret(key)
}
