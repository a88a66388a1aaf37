import { bigint, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from './columns'
import { tenants } from './tenants'

/** Appended in the transaction of the change, chained by hash per tenant; a trigger (in the migration) refuses UPDATE and DELETE. */
export const auditLog = pgTable(
  'audit_log',
  {
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'restrict' }),
    seq: bigint({ mode: 'number' }).notNull(),
    at: instant().notNull(),
    actor: jsonb().$type<{ kind: 'user' | 'node' | 'system'; id: string; name: string }>().notNull(),
    action: text().notNull(),
    factoryId: uuid(),
    entityId: text().notNull(),
    entityName: text().notNull(),
    before: jsonb().$type<unknown>(),
    after: jsonb().$type<unknown>(),
    previousHash: text().notNull(),
    hash: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.seq] }),
    index('audit_log_entity').on(t.tenantId, t.entityId),
    index('audit_log_factory').on(t.tenantId, t.factoryId, t.seq),
  ],
)
