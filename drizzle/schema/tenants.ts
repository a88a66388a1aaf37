import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, instant } from './columns'

export const tenants = pgTable('tenants', { id: id(), name: text().notNull(), createdAt: createdAt() })

export const users = pgTable(
  'users',
  {
    id: id(),
    tenantId: uuid()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    email: text().notNull(),
    name: text().notNull(),
    /** argon2id in PHC form (reliability-and-security.md, section 5.2). */
    passwordHash: text().notNull(),
    createdAt: createdAt(),
    disabledAt: instant(),
  },
  (t) => [uniqueIndex('users_email').on(sql`lower(${t.email})`)],
)

/** The truth about who is signed in: listed, revocable, idle 30 min, absolute 12 h. */
export const sessions = pgTable(
  'sessions',
  {
    id: id(),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** SHA-256 of the random token in the cookie's JWT. */
    tokenHash: text().notNull().unique(),
    createdAt: createdAt(),
    lastSeenAt: instant().notNull(),
    expiresAt: instant().notNull(),
    revokedAt: instant(),
    userAgent: text().notNull(),
    address: text().notNull(),
  },
  (t) => [index('sessions_user').on(t.userId)],
)

/** One row while the portal waits for its first owner. */
export const setupCodes = pgTable('setup_codes', {
  id: integer().primaryKey().default(1),
  codeHash: text().notNull(),
  createdAt: createdAt(),
  consumedAt: instant(),
})

/** Counters that slow guessing down; in the database, so that every portal process shares them. */
export const rateLimits = pgTable('rate_limits', {
  key: text().primaryKey(),
  failures: integer().notNull().default(0),
  blockedUntil: instant(),
  updatedAt: instant().notNull(),
})
