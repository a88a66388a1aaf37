import type { z } from 'zod'

export type Endpoint<Request extends z.ZodType = z.ZodType, Response extends z.ZodType = z.ZodType> = {
  readonly path: string
  readonly request: Request
  /** Parsed at both ends. A 204 is `null` for endpoints whose response is nullable. */
  readonly response: Response
  /** `node`: signed by an enrolled node. `newcomer`: signed by the key inside the body. */
  readonly signedBy: 'node' | 'newcomer'
  /** Larger bodies are refused with 413 before they are read. */
  readonly maxBodyBytes: number
}

export function endpoint<Request extends z.ZodType, Response extends z.ZodType>(
  definition: Endpoint<Request, Response>,
): Endpoint<Request, Response> {
  return definition
}
