/** How long what a failed copy has finished waits at the sink for a resume: a working day and the night after it. */
export const keptHours = 24

export function keptUntil(endedAt: Date): Date {
  return new Date(endedAt.getTime() + keptHours * 3_600_000)
}
