import { and, eq, sql } from 'drizzle-orm'
import { linkedServices } from '@/drizzle/schema/authoring'
import { runtimes } from '@/drizzle/schema/runtimes'
import { command } from '@/lib/command'
import type { Tx } from '@/lib/db/client'
import { conflict, invalidInput } from '@/lib/errors'
import { factoryScope } from '@/lib/factories/scope'
import { storeAddress } from '@/lib/linked-services/address'
import { type CredentialDecision, decideCredential } from '@/lib/linked-services/credential'
import { type LinkedServiceDefinition, SaveLinkedServiceInput } from '@/lib/linked-services/schemas'
import type { LinkedServiceRow } from '@/lib/linked-services/scope'
import { wakeRuntimes } from '@/lib/tasks/wake'
import { requireUnchanged } from '@/lib/unchanged'
import type { z } from 'zod'

type Input = z.output<typeof SaveLinkedServiceInput>
type Runtime = { id: string; name: string; vaultGeneration: number }

/** Creates or changes a linked service. The secret arrives sealed, or not at all: then the present one stays, if it still fits. */
export const saveLinkedService = command({
  permission: 'linkedServices.write',
  input: SaveLinkedServiceInput,
  scope: (tx, { factoryId }, actor) => factoryScope(tx, actor, factoryId),
  async run(tx, input, actor) {
    const runtime = await lockRuntime(tx, input)
    const before = await lockPrevious(tx, input, actor.tenantId)
    const address = storeAddress(input.definition)
    const credential = decideCredential(before, {
      linkedServiceId: input.linkedServiceId,
      address,
      runtime,
      sealed: input.sealed,
    })
    const moved = before !== null && before.runtimeId !== runtime.id
    const vaultVersion = credential.changed || moved ? await bumpVault(tx, runtime.id) : before?.vaultVersion
    if (moved) await bumpVault(tx, before.runtimeId)

    const values = {
      tenantId: actor.tenantId,
      factoryId: input.factoryId,
      name: input.name,
      type: address.type,
      runtimeId: runtime.id,
      address,
      definition: withCredentialNote(input.definition, credential),
      credentialVersion: credential.credentialVersion,
      sealedCredential: credential.sealedCredential,
      vaultVersion: vaultVersion ?? 0,
      updatedAt: sql`now()`,
    }
    if (before) await tx.update(linkedServices).set(values).where(eq(linkedServices.id, before.id))
    else await tx.insert(linkedServices).values({ id: input.linkedServiceId, ...values })

    const touched = [runtime.id, ...(moved ? [before.runtimeId] : [])]
    return {
      result: { linkedServiceId: input.linkedServiceId, name: input.name, ...credentialOf(credential) },
      audit: {
        action: before ? 'linkedService.updated' : 'linkedService.created',
        factoryId: input.factoryId,
        entityId: input.linkedServiceId,
        entityName: input.name,
        before: before ? { definition: before.definition, ...credentialOf(before) } : undefined,
        after: { definition: values.definition, ...credentialOf(credential) },
      },
      after: () => wakeRuntimes(touched),
    }
  },
})

/** Locked, so that a node that reseals the vault for a new generation and this save come one after the other. */
async function lockRuntime(tx: Tx, { factoryId, definition }: Input): Promise<Runtime> {
  const name = definition.connectVia.referenceName
  const [runtime] = await tx
    .select({ id: runtimes.id, name: runtimes.name, vaultGeneration: runtimes.vaultGeneration })
    .from(runtimes)
    .where(and(eq(runtimes.factoryId, factoryId), eq(sql`lower(${runtimes.name})`, name.toLowerCase())))
    .for('update')
  if (runtime) return runtime
  const message = `This factory has no integration runtime "${name}". Choose another`
  throw invalidInput(message, { 'definition.connectVia.referenceName': [message] })
}

async function lockPrevious(tx: Tx, input: Input, tenantId: string): Promise<LinkedServiceRow | null> {
  const [row] = await tx
    .select()
    .from(linkedServices)
    .where(and(eq(linkedServices.id, input.linkedServiceId), eq(linkedServices.tenantId, tenantId)))
    .for('update')
  if (!row) return null
  if (row.factoryId !== input.factoryId)
    throw conflict('This linked service belongs to another factory. Load the page again')
  if (row.name !== input.name)
    throw invalidInput(`Datasets name it: linked service "${row.name}" keeps its name`, {
      name: [`Datasets name it: it stays "${row.name}"`],
    })
  if (row.definition.type !== input.definition.type)
    throw invalidInput(`Linked service "${row.name}" keeps its type. Create another one instead`, {
      'definition.type': ['A linked service keeps its type'],
    })
  requireUnchanged('linked service', row, input.basedOn)
  return row
}

async function bumpVault(tx: Tx, runtimeId: string): Promise<number> {
  const [bumped] = await tx
    .update(runtimes)
    .set({ vaultVersion: sql`${runtimes.vaultVersion} + 1` })
    .where(eq(runtimes.id, runtimeId))
    .returning({ vaultVersion: runtimes.vaultVersion })
  return bumped?.vaultVersion ?? 0
}

/** `encryptedCredential` says that a secret is sealed, and which version; whatever a pasted definition said there is dropped. */
function withCredentialNote(
  definition: LinkedServiceDefinition,
  { credentialVersion }: CredentialDecision,
): LinkedServiceDefinition {
  if (definition.type === 'FileServer') return definition
  const encryptedCredential = `sealed for the nodes of ${definition.connectVia.referenceName}, version ${credentialVersion}`
  if (definition.type === 'PostgreSqlV2')
    return { ...definition, typeProperties: { ...definition.typeProperties, encryptedCredential } }
  return { ...definition, typeProperties: { ...definition.typeProperties, encryptedCredential } }
}

function credentialOf({ credentialVersion }: { credentialVersion: number }) {
  return { credentialVersion }
}
