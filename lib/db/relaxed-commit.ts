import { type SQL, sql } from 'drizzle-orm'

/**
 * Evaluated by a statement of its own transaction, lets its commit not wait for the disk: for what a crash of the database
 * may forget without harm. Whatever commits later in the usual way makes it durable too.
 */
export const relaxedCommit: SQL<string> = sql`set_config('synchronous_commit', 'off', true)`
