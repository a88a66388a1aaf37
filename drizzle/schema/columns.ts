import { sql } from 'drizzle-orm'
import { customType, timestamp, uuid } from 'drizzle-orm/pg-core'

export const id = () =>
  uuid()
    .primaryKey()
    .default(sql`gen_random_uuid()`)
/** Milliseconds suffice everywhere; a `Date` in TypeScript. */
export const instant = () => timestamp({ withTimezone: true, precision: 3, mode: 'date' })
export const createdAt = () =>
  instant()
    .notNull()
    .default(sql`now()`)
export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
