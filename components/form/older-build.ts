/**
 * Whether this page's script is of another build than the portal that answers now: its actions are unknown there, and the
 * parts of it that were not fetched yet are gone. Trying again cannot help.
 */
export function isOfOlderBuild(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'UnrecognizedActionError' || error.name === 'ChunkLoadError'
}
