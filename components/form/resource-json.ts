import type { z } from 'zod'

export type ReadResource<Definition> =
  | { ok: true; definition: Definition }
  | { ok: false; problems: readonly string[] }

/** A resource as Data Factory writes it: its name, and everything else as `properties`. */
export function writeResource(name: string, definition: unknown): string {
  return JSON.stringify({ name, properties: definition }, null, 2)
}

/** Reads such a text back. The name stays; every problem is said with its path. */
export function readResource<Schema extends z.ZodType>(
  text: string,
  { schema, name }: { schema: Schema; name: string },
): ReadResource<z.output<Schema>> {
  const resource = parseJson(text)
  if (resource === undefined) return { ok: false, problems: ['This is not valid JSON'] }
  if (!isRecord(resource) || !isRecord(resource['properties']))
    return { ok: false, problems: ['Write { "name": …, "properties": { … } }'] }
  const problems = [
    ...(resource['name'] === name ? [] : [`name: it stays "${name}"`]),
    ...secretPaths(resource['properties'], 'properties').map(
      (path) => `${path}: a secret must not stand in a definition. Take it out, and enter it in its field`,
    ),
  ]
  const parsed = schema.safeParse(resource['properties'], { error: missing })
  if (!parsed.success)
    problems.push(
      ...parsed.error.issues.map(({ path, message }) => `${['properties', ...path].join('.')}: ${message}`),
    )
  return parsed.success && problems.length === 0
    ? { ok: true, definition: parsed.data }
    : { ok: false, problems }
}

/** "Expected array, received undefined" is how a library says it. */
function missing({ code, input, expected }: { code?: string; input?: unknown; expected?: unknown }) {
  if (code !== 'invalid_type' || input !== undefined) return undefined
  return expected === 'array' || expected === 'object'
    ? `It is missing: write an ${expected}`
    : 'It is missing'
}

/** The schema of a form that holds such a text as `json`, and beside it at most a secret. */
export async function resourceForm(loadReader: () => Promise<(text: string) => ReadResource<unknown>>) {
  const [{ z: zod }, read] = await Promise.all([import('zod'), loadReader()])
  return zod.object({
    json: zod.string().refine((text) => read(text).ok, 'Correct the problems first'),
    secret: zod.string().optional(),
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What people paste from elsewhere; it must not even reach the portal. */
const secretKey = /^(password|secret|accountkey|sastoken|sasuri|connectionstring|.*(password|secret))$/i

function secretPaths(value: unknown, path: string): string[] {
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    secretKey.test(key) ? [`${path}.${key}`] : secretPaths(inner, `${path}.${key}`),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
