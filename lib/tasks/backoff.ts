import { type SQL, sql } from 'drizzle-orm'

/** Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): spread, but short, because a run waits for it. */
const firstSeconds = 0.5
const longestSeconds = 30

/** When a task is tried again after its n-th trouble; in the database, whose clock alone counts for the queue. */
export function retryAt(troubles: SQL): SQL<Date> {
  return sql`clock_timestamp() + make_interval(secs => random() * least(${longestSeconds}::float, ${firstSeconds}::float * 2 ^ least(${troubles}, 16)))`
}
