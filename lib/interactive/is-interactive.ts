import { sql } from 'drizzle-orm'
import { tasks } from '@/drizzle/schema/runs'

/** Spelled out: behind a parameter the planner would not see that the index of these tasks serves. */
export const isInteractive = sql`${tasks.interactive}`
