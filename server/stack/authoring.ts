import { and, eq } from 'drizzle-orm'
import { datasets, linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { factories } from '@/drizzle/schema/factories'
import { runtimes } from '@/drizzle/schema/runtimes'
import { saveDataset } from '@/lib/datasets/save'
import type { DatasetDefinition } from '@/lib/datasets/schemas'
import { createFactory } from '@/lib/factories/create'
import { storeAddress } from '@/lib/linked-services/address'
import { saveLinkedService } from '@/lib/linked-services/save'
import type { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import { savePipeline } from '@/lib/pipelines/save'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import { sealCredential } from '@/lib/protocol/browser-side'
import type { StoreSecret } from '@/lib/protocol/stores'
import { createRuntime } from '@/lib/runtimes/create'
import type { Office } from '@/server/stack/stack'

export type Workplace = { factory: { id: string; name: string }; runtime: { id: string; name: string } }

/** A factory with one self-hosted runtime; the ones of an earlier start where they are there. */
export async function ensureWorkplace(
  { ctx, db }: Office,
  names: { factory: string; runtime: string; leaseSeconds?: number },
): Promise<Workplace> {
  const [kept] = await db
    .select({ factoryId: factories.id, runtimeId: runtimes.id })
    .from(factories)
    .innerJoin(runtimes, eq(runtimes.factoryId, factories.id))
    .where(and(eq(factories.name, names.factory), eq(runtimes.name, names.runtime)))
  if (kept)
    return {
      factory: { id: kept.factoryId, name: names.factory },
      runtime: { id: kept.runtimeId, name: names.runtime },
    }
  const factory = await createFactory(ctx, { name: names.factory })
  const { leaseSeconds = 60 } = names
  const runtime = await createRuntime(ctx, { factoryId: factory.id, name: names.runtime, leaseSeconds })
  return {
    factory: { id: factory.id, name: names.factory },
    runtime: { id: runtime.id, name: names.runtime },
  }
}

type LinkedServiceDraft = {
  name: string
  definition: LinkedServiceDefinition
  secret: StoreSecret | null
}

/** Saves a linked service as its form would: the secret sealed here for the nodes, never sent in clear. */
export async function ensureLinkedService(
  office: Office,
  place: Workplace,
  draft: LinkedServiceDraft,
): Promise<void> {
  const { ctx, db } = office
  const [runtime] = await db.select().from(runtimes).where(eq(runtimes.id, place.runtime.id))
  const where = and(eq(linkedServices.factoryId, place.factory.id), eq(linkedServices.name, draft.name))
  const [kept] = await db.select().from(linkedServices).where(where)
  const linkedServiceId = kept?.id ?? crypto.randomUUID()
  if (draft.secret && !runtime?.vaultPublicKey)
    throw new Error(`Runtime ${place.runtime.name} has no vault yet: no node has joined it`)
  const sealed =
    draft.secret && runtime?.vaultPublicKey
      ? await sealCredential(
          { generation: runtime.vaultGeneration, publicKey: runtime.vaultPublicKey },
          {
            runtimeId: runtime.id,
            linkedServiceId,
            version: (kept?.credentialVersion ?? 0) + 1,
            address: storeAddress(draft.definition),
          },
          draft.secret,
        )
      : undefined
  await saveLinkedService(ctx, {
    factoryId: place.factory.id,
    linkedServiceId,
    name: draft.name,
    definition: draft.definition,
    ...(sealed && { sealed }),
  })
}

export async function ensureDataset(
  { ctx, db }: Office,
  place: Workplace,
  draft: { name: string; definition: DatasetDefinition },
): Promise<void> {
  const where = and(eq(datasets.factoryId, place.factory.id), eq(datasets.name, draft.name))
  const [kept] = await db.select({ id: datasets.id }).from(datasets).where(where)
  if (!kept) await saveDataset(ctx, { factoryId: place.factory.id, ...draft })
}

/** Its id. */
export async function ensurePipeline(
  { ctx, db }: Office,
  place: Workplace,
  draft: { name: string; definition: PipelineDefinition },
): Promise<string> {
  const find = () =>
    db
      .select({ id: pipelines.id })
      .from(pipelines)
      .where(and(eq(pipelines.factoryId, place.factory.id), eq(pipelines.name, draft.name)))
  if ((await find()).length === 0) await savePipeline(ctx, { factoryId: place.factory.id, ...draft })
  const [saved] = await find()
  if (!saved) throw new Error(`Pipeline ${draft.name} was not saved`)
  return saved.id
}
