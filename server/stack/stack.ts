import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { findSessionActor } from '@/lib/auth/sessions'
import { signIn } from '@/lib/auth/sign-in'
import type { WriteContext } from '@/lib/command'
import { connect, type Db } from '@/lib/db/client'
import { usePortal } from '@/lib/portal'
import { completeSetup } from '@/lib/setup/complete'
import { readIfThere, writePrivate } from '@/server/files'
import { type PortalProcess, startPortalProcess } from '@/server/portal-process'
import { ensureSecretKey } from '@/server/secret-key'
import { localTls } from '@/server/tls'

export const ownerEmail = 'owner@example.com'

/** An owner who acts through the commands behind the pages. */
export type Office = {
  db: Db
  /** The owner's context, as a page would have it. */
  ctx: WriteContext
  ownerPassword: string
}

/** What a node needs to know of the portal that it enrols with. */
export type Home = Office & { portal: Pick<PortalProcess, 'publicUrl'>; fingerprint: string }

/** A whole Sallyport on this machine: a portal process, and an owner who acts through the commands behind its pages. */
export type Stack = Office & {
  portal: PortalProcess
  db: Db & { $client: Pool }
  /** What a node pins: the SHA-256 of the local authority's public key. */
  fingerprint: string
  /** The settings it was started with: a restart gives the same portal. */
  settings: Record<string, string>
  close(): Promise<void>
}
export type StackOptions = {
  dataDir: string
  port: number
  /** Further `SALLYPORT_*` settings; `DATABASE_URL` for a database that outlives the portal. */
  settings?: Record<string, string>
}

/** Starts the portal in `dataDir`, sets it up on its first start, and signs its owner in. */
export async function openStack(options: StackOptions): Promise<Stack> {
  const portalDir = join(options.dataDir, 'portal')
  await mkdir(portalDir, { recursive: true, mode: 0o700 })
  const settings = {
    SALLYPORT_DATA_DIR: portalDir,
    SALLYPORT_PORT: String(options.port),
    SALLYPORT_ADDRESS: '127.0.0.1',
    SALLYPORT_PUBLIC_URL: `https://localhost:${options.port}`,
    ...options.settings,
  }
  const portal = await startPortalProcess(settings, join(options.dataDir, 'portal.log'))
  const db = connect({ connectionString: portal.databaseUrl, max: 4 })
  const { trust } = await localTls(join(portalDir, 'tls'), ['localhost'])
  usePortal({
    publicUrl: portal.publicUrl,
    ...trust,
    secretKey: await ensureSecretKey(join(portalDir, 'secret.key')),
  })
  const office = await actAsOwner(db, { dataDir: options.dataDir, setupCode: portal.setupCode })
  return {
    ...office,
    portal,
    db,
    fingerprint: trust.fingerprint ?? '',
    settings,
    close: async () => {
      await db.$client.end()
      await portal.stop()
    },
  }
}

/** Sets the portal up on its first start, and signs its owner in. */
export async function actAsOwner(
  db: Db,
  setup: { dataDir: string; setupCode: string | null },
): Promise<Office> {
  const ownerPassword = await ensureOwner(db, setup)
  return { db, ctx: { actor: await signInOwner(db, ownerPassword), db }, ownerPassword }
}

/** The owner's password lies beside the data that it opens, readable by the same user only. */
async function ensureOwner(
  db: Db,
  { dataDir, setupCode }: { dataDir: string; setupCode: string | null },
): Promise<string> {
  const file = join(dataDir, 'owner-password')
  const kept = await readIfThere(file)
  if (setupCode === null) {
    if (kept === null) throw new Error(`${file} is missing: start over with --fresh`)
    return kept.trim()
  }
  const password = kept?.trim() ?? `harbour-${randomBytes(6).toString('hex')}`
  await writePrivate(file, `${password}\n`)
  await completeSetup(db, {
    code: setupCode,
    tenantName: 'Harbour works',
    name: 'Ann Keeper',
    email: ownerEmail,
    password,
  })
  return password
}

async function signInOwner(db: Db, password: string): Promise<WriteContext['actor']> {
  const client = { userAgent: 'this machine', address: '127.0.0.1', previousToken: null }
  const signedIn = await signIn(db, { email: ownerEmail, password }, client)
  const actor = signedIn.ok ? await findSessionActor(db, signedIn.token) : null
  if (!actor)
    throw new Error(`The owner ${ownerEmail} cannot sign in with the kept password: start over with --fresh`)
  return actor
}
