const listeners = new Set<() => void>()

/** An answer of the portal said that nobody is signed in. */
export function sayUnauthenticated(): void {
  for (const listener of listeners) listener()
}

export function onUnauthenticated(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
