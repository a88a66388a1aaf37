import type { ActionError } from '@/lib/action-result'

/** A read that the portal refused, or could not be reached for. */
export class ReadError extends Error {
  readonly code: ActionError['code'] | 'unreachable'
  constructor(code: ActionError['code'] | 'unreachable', message: string) {
    super(message)
    this.name = 'ReadError'
    this.code = code
  }
}

/** Reads one of our own GET route handlers; `Data` is what that handler's query answers. */
export async function readJson<Data>(url: string, signal?: AbortSignal): Promise<Data> {
  const response = await fetch(url, signal ? { signal } : {}).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new ReadError('unreachable', 'The portal does not answer. It is asked again by itself')
  })
  const body = (await response.json().catch(() => null)) as Data | { error: ActionError } | null
  if (response.ok && body !== null) return body as Data
  const error = body !== null && typeof body === 'object' && 'error' in body ? body.error : null
  if (response.status === 401) throw new ReadError('unauthenticated', 'Your session has ended')
  throw new ReadError(error?.code ?? 'internal', error?.message ?? `The portal answered ${response.status}`)
}
