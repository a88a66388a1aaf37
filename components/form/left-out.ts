/** Paths of a resource's text that its definition no longer has; the text was read before. */
export function leftOutOf(json: string, definition: unknown): string[] {
  const resource: { properties?: unknown } = JSON.parse(json)
  return leftOut(resource.properties, definition)
}

/** Paths in `given` that `kept` no longer has: what a schema does not know and leaves out. */
export function leftOut(given: unknown, kept: unknown, path = 'properties'): string[] {
  if (Array.isArray(given))
    return given.flatMap((item, index) =>
      leftOut(item, Array.isArray(kept) ? kept[index] : undefined, `${path}.${index}`),
    )
  if (!isRecord(given)) return []
  if (!isRecord(kept)) return [path]
  return Object.entries(given).flatMap(([key, value]) =>
    key in kept ? leftOut(value, kept[key], `${path}.${key}`) : [`${path}.${key}`],
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
