import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '@/lib/db/client'

/** The database's clock, also within a long transaction: the only clock that all processes share. */
export const clock: SQL<Date> = sql`clock_timestamp()`

/** The same in milliseconds: what its times are compared with. The clock of this process may say otherwise. */
export const clockMs: SQL<number> = sql`extract(epoch from clock_timestamp())::float8 * 1000`

/** The same, asked now. */
export async function readDatabaseClock(db: Db): Promise<number> {
  const { rows } = await db.execute<{ ms: number }>(sql`select ${clockMs} as ms`)
  return rows[0]?.ms ?? 0
}

/** What tells a database's clock that was set from time that passed. */
export type Clocks = {
  /** Monotonic, in milliseconds. */
  now: () => number
  /** The clock of the database; milliseconds. */
  databaseNow?: () => Promise<number>
}
