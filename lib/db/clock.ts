import { type SQL, sql } from 'drizzle-orm'

/** The database's clock, also within a long transaction: the only clock that all processes share. */
export const clock: SQL<Date> = sql`clock_timestamp()`
