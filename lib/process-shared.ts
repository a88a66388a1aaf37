/**
 * One value per operating-system process. A module of lib/ is loaded twice in the portal, once by server/ and
 * once inside Next's bundle; whatever both must see (pool, wake-ups) lives here instead of in module state.
 */
export function processShared<T>(name: string, create: () => T): { value: T } {
  const key = Symbol.for(`sallyport.${name}`)
  const registry = globalThis as { [shared: symbol]: { value: T } | undefined }
  return (registry[key] ??= { value: create() })
}
