import { and, asc, eq, gt, inArray, isNotNull, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { linkedServices } from '@/drizzle/schema/authoring'
import { runtimes } from '@/drizzle/schema/runtimes'
import { membershipLog, vaultWraps } from '@/drizzle/schema/vault'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { NodeCaller } from '@/lib/auth/node-caller'
import type { Db } from '@/lib/db/client'
import type { VaultPullRequest, VaultState } from '@/lib/protocol/vault'
import { handOutWork } from '@/lib/vault/work'

type State = z.input<typeof VaultState>

/** Everything that this node needs to take part; the version is read first, so that what changes meanwhile is pulled again. */
export async function readVaultState(
  db: Db,
  node: NodeCaller,
  request: z.infer<typeof VaultPullRequest>,
): Promise<State> {
  const { nodeId, runtimeId } = node
  const [runtime] = await db
    .select({ vaultVersion: runtimes.vaultVersion, admission: runtimes.admission })
    .from(runtimes)
    .where(eq(runtimes.id, runtimeId))
  if (!runtime) throw new AgentRefusal('unknown_node', 'The integration runtime was deleted')
  const log = await db
    .select({ entry: membershipLog.entry })
    .from(membershipLog)
    .where(and(eq(membershipLog.runtimeId, runtimeId), gt(membershipLog.seq, request.logFrom)))
    .orderBy(asc(membershipLog.seq))
  const wraps = await db
    .select({
      nodeId: vaultWraps.nodeId,
      generation: vaultWraps.generation,
      enc: vaultWraps.enc,
      ciphertext: vaultWraps.ciphertext,
    })
    .from(vaultWraps)
    .where(and(eq(vaultWraps.runtimeId, runtimeId), eq(vaultWraps.nodeId, nodeId)))
    .orderBy(asc(vaultWraps.generation))
  return {
    vaultVersion: String(runtime.vaultVersion),
    admission: runtime.admission,
    log: log.map(({ entry }) => entry),
    wraps,
    ...(await readCredentials(db, runtimeId, request)),
    work: await handOutWork(db, node),
  }
}

async function readCredentials(
  db: Db,
  runtimeId: string,
  { credentialsSince, credentialIds }: z.infer<typeof VaultPullRequest>,
): Promise<Pick<State, 'credentials' | 'removedCredentialIds'>> {
  const sealedHere = and(eq(linkedServices.runtimeId, runtimeId), isNotNull(linkedServices.sealedCredential))
  const changed = await db
    .select({
      id: linkedServices.id,
      version: linkedServices.credentialVersion,
      address: linkedServices.address,
      sealed: linkedServices.sealedCredential,
    })
    .from(linkedServices)
    .where(and(sealedHere, sql`${linkedServices.vaultVersion} > ${credentialsSince}::numeric`))
  const kept =
    credentialIds.length === 0
      ? []
      : await db
          .select({ id: linkedServices.id })
          .from(linkedServices)
          .where(and(sealedHere, inArray(linkedServices.id, credentialIds)))
  const alive = new Set(kept.map(({ id }) => id))
  return {
    credentials: changed.flatMap(({ id, version, address, sealed }) =>
      sealed ? [{ sealed, context: { runtimeId, linkedServiceId: id, version, address } }] : [],
    ),
    removedCredentialIds: credentialIds.filter((id) => !alive.has(id)),
  }
}
