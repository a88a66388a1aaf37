/** `byPerson`: somebody pressed something, so they should be asked to sign in at once. */
type Listener = (byPerson: boolean) => void

const listeners = new Set<Listener>()

/** An answer of the portal said that nobody is signed in. */
export function sayUnauthenticated(byPerson: boolean): void {
  for (const listener of listeners) listener(byPerson)
}

export function onUnauthenticated(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
