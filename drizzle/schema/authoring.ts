import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { DatasetDefinition } from '../../lib/datasets/schemas'
import type { LinkedServiceDefinition } from '../../lib/linked-services/schemas'
import type { PipelineDefinition } from '../../lib/pipelines/schemas'
import type { SealedCredential, StoreAddress } from '../../lib/protocol/stores'
import { storeTypes } from '../../lib/protocol/stores'
import { createdAt, id, instant } from './columns'
import { factories } from './factories'
import { runtimes } from './runtimes'
import { tenants } from './tenants'

export const linkedServices = pgTable(
  'linked_services',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    factoryId: uuid()
      .notNull()
      .references(() => factories.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    type: text({ enum: storeTypes }).notNull(),
    runtimeId: uuid()
      .notNull()
      .references(() => runtimes.id, { onDelete: 'restrict' }),
    /** What nodes connect to, and what the sealed credential is bound to. */
    address: jsonb().$type<StoreAddress>().notNull(),
    /** Data Factory's JSON, without any secret. */
    definition: jsonb().$type<LinkedServiceDefinition>().notNull(),
    /** 0: the store needs no secret, or none was entered yet. */
    credentialVersion: integer().notNull().default(0),
    sealedCredential: jsonb().$type<SealedCredential>(),
    /** The runtime's vaultVersion at the last change of the credential: nodes ask for what came since. */
    vaultVersion: bigint({ mode: 'number' }).notNull().default(0),
    createdAt: createdAt(),
    updatedAt: instant()
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    uniqueIndex('linked_services_name').on(t.factoryId, sql`lower(${t.name})`),
    index('linked_services_runtime').on(t.runtimeId),
  ],
)

export const datasets = pgTable(
  'datasets',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    factoryId: uuid()
      .notNull()
      .references(() => factories.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    linkedServiceId: uuid()
      .notNull()
      .references(() => linkedServices.id, { onDelete: 'restrict' }),
    definition: jsonb().$type<DatasetDefinition>().notNull(),
    createdAt: createdAt(),
    updatedAt: instant()
      .notNull()
      .default(sql`now()`),
  },
  (t) => [uniqueIndex('datasets_name').on(t.factoryId, sql`lower(${t.name})`)],
)

export const pipelines = pgTable(
  'pipelines',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    factoryId: uuid()
      .notNull()
      .references(() => factories.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    definition: jsonb().$type<PipelineDefinition>().notNull(),
    createdAt: createdAt(),
    updatedAt: instant()
      .notNull()
      .default(sql`now()`),
  },
  (t) => [uniqueIndex('pipelines_name').on(t.factoryId, sql`lower(${t.name})`)],
)
