import { sql } from 'drizzle-orm'
import { customType, timestamp, uuid } from 'drizzle-orm/pg-core'

export const id = () =>
  uuid()
    .primaryKey()
    .default(sql`gen_random_uuid()`)
/** As exact as the database's clock, for what is compared with it at once: milliseconds are rounded, half of them ahead of it. */
export const exactInstant = () => timestamp({ withTimezone: true, precision: 6, mode: 'date' })
/** Milliseconds suffice everywhere else; a `Date` in TypeScript. */
export const instant = () => timestamp({ withTimezone: true, precision: 3, mode: 'date' })
export const createdAt = () =>
  instant()
    .notNull()
    .default(sql`now()`)
export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
