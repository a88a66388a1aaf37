import { conflict } from '@/lib/errors'

/** Refuses a change that was made on top of an older state: what somebody else saved since then is not overwritten. */
export function requireUnchanged(
  what: string,
  row: { name: string; updatedAt: Date },
  basedOn: string | undefined,
): void {
  if (basedOn === undefined || new Date(basedOn).getTime() === row.updatedAt.getTime()) return
  throw conflict(
    `Somebody else has changed the ${what} "${row.name}" since you opened it. Load the page again, and make your change on top of theirs`,
  )
}
