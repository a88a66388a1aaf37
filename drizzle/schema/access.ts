import { sql } from 'drizzle-orm'
import { check, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { roles } from '../../lib/permissions'
import { createdAt, id } from './columns'
import { factories } from './factories'
import { tenants, users } from './tenants'

export const roleAssignments = pgTable(
  'role_assignments',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Null: the whole tenant. */
    factoryId: uuid().references(() => factories.id, { onDelete: 'cascade' }),
    role: text({ enum: roles }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    unique('role_assignments_once').on(t.userId, t.factoryId).nullsNotDistinct(),
    check('role_assignments_role', sql.raw(`role in (${roles.map((role) => `'${role}'`).join(', ')})`)),
  ],
)
