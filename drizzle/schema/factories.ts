import { sql } from 'drizzle-orm'
import { jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, instant } from './columns'
import { tenants, users } from './tenants'

export const factories = pgTable(
  'factories',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    description: text().notNull().default(''),
    tags: jsonb().$type<Record<string, string>>().notNull().default({}),
    /** The managed identity that grants are made to. */
    principalId: uuid()
      .notNull()
      .default(sql`gen_random_uuid()`),
    createdAt: createdAt(),
    createdBy: uuid().references(() => users.id, { onDelete: 'set null' }),
    updatedAt: instant()
      .notNull()
      .default(sql`now()`),
  },
  (t) => [uniqueIndex('factories_name').on(t.tenantId, sql`lower(${t.name})`)],
)
