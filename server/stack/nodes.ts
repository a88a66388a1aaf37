import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { and, eq, isNull } from 'drizzle-orm'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { revealAuthKeys } from '@/lib/auth-keys/reveal'
import { createEnrolmentLink } from '@/lib/enrolment-links/create'
import { makeEnrolmentLink } from '@/lib/protocol/browser-side'
import type { Workplace } from '@/server/stack/authoring'
import { type Enrolment, enrolNode, NodeProcess } from '@/server/stack/node-process'
import { repoint } from '@/server/stack/repoint'
import type { Home, Office } from '@/server/stack/stack'

const builtAgent = resolve('dist/agent/sallyport-agent.cjs')

export type NodeDraft = {
  name: string
  slots: number
  allowFolders: string[]
  by: 'link' | 'key'
  dataDir: string
  /** Another agent than the built one. */
  agentFile?: string
}

/** Enrols a node by the real path and starts its agent; one that enrolled on an earlier start is only started. */
export async function startNode(stack: Home, place: Workplace, draft: NodeDraft): Promise<NodeProcess> {
  const options = {
    agentFile: draft.agentFile ?? builtAgent,
    dataDir: join(draft.dataDir, draft.name),
    name: draft.name,
  }
  const [known] = await stack.db
    .select({ id: nodes.id })
    .from(nodes)
    .where(and(eq(nodes.runtimeId, place.runtime.id), eq(nodes.name, draft.name), isNull(nodes.removedAt)))
  if (known) await repoint(options.dataDir, stack.portal.publicUrl)
  else {
    await mkdir(options.dataDir, { recursive: true, mode: 0o700 })
    await enrolNode(options, {
      portalUrl: stack.portal.publicUrl,
      credential: await credentialFor(stack, place, draft.by),
      slots: draft.slots,
      allowFolders: draft.allowFolders,
    })
  }
  const node = new NodeProcess(options)
  node.start()
  return node
}

/** Waits until so many nodes hold the newest key of the vault, which means that they can open every credential. */
export async function awaitVault(
  { db }: Pick<Office, 'db'>,
  place: Workplace,
  nodeCount: number,
): Promise<void> {
  const deadline = Date.now() + 120_000
  while (Date.now() < deadline) {
    const [runtime] = await db.select().from(runtimes).where(eq(runtimes.id, place.runtime.id))
    const members = await db
      .select({ generation: nodes.vaultGeneration })
      .from(nodes)
      .where(and(eq(nodes.runtimeId, place.runtime.id), isNull(nodes.removedAt)))
    const ready = members.filter(
      ({ generation }) => generation > 0 && generation === runtime?.vaultGeneration,
    )
    if (ready.length >= nodeCount) return
    await sleep(100)
  }
  throw new Error(
    `Not all ${nodeCount} nodes were admitted to the vault of ${place.runtime.name} within two minutes: see their agent.log`,
  )
}

async function credentialFor(
  stack: Home,
  place: Workplace,
  by: 'link' | 'key',
): Promise<Enrolment['credential']> {
  const { ctx, db, fingerprint } = stack
  const runtimeId = place.runtime.id
  if (by === 'key') {
    const [first] = await revealAuthKeys(ctx, { runtimeId })
    if (!first) throw new Error(`Runtime ${place.runtime.name} has no authentication key`)
    return { key: first.authKey, fingerprint }
  }
  const [runtime] = await db.select().from(runtimes).where(eq(runtimes.id, runtimeId))
  const vault = runtime?.vaultPublicKey
    ? { generation: runtime.vaultGeneration, publicKey: runtime.vaultPublicKey }
    : null
  const { token, input } = await makeEnrolmentLink(runtimeId, { vault, fingerprint })
  await createEnrolmentLink(ctx, input)
  return { token }
}
