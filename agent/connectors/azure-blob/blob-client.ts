import type { LookupFunction } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Agent, Dispatcher } from 'undici'
import type { AzureBlobStorageAddress } from '../../../lib/protocol/stores.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { guardedLookup, urlTarget } from '../../host-policy.ts'
import type { OpenStore } from '../connector.ts'
import { blobFailure, BlobError } from './blob-error.ts'
import { sharedKeyAuthorization } from './shared-key.ts'

/** Everything used here exists since this version; Azurite and sovereign clouds lag behind the newest. */
export const apiVersion = '2021-12-02'
/** One more than the writer or reader keep in flight, for the calls between. */
const connectionsPerStore = 9
const connectTimeoutMs = 10_000
const answerTimeoutMs = 60_000
/** The SDK's defaults: four tries, doubling from 4 s at most; a storage server that is busy says 503 (ServerBusy). */
const maxTries = 4
const firstDelayMs = 500

export type BlobRequest = {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  container?: string
  blob?: string
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array | string
}
export type BlobAnswer = { status: number; headers: Readonly<Record<string, string>>; body: Buffer }

/** The storage service's REST API over undici: signs, retries what may be retried, and turns errors into `BlobError`. */
export class BlobClient {
  readonly #endpoint: URL
  readonly #store: OpenStore<AzureBlobStorageAddress>
  readonly #sasToken: URLSearchParams | null
  readonly #lookup: LookupFunction
  #agent: Promise<Agent> | null = null

  constructor(store: OpenStore<AzureBlobStorageAddress>) {
    const { address, secret } = store
    this.#store = store
    this.#endpoint = new URL(address.serviceEndpoint)
    this.#lookup = guardedLookup(urlTarget(address.serviceEndpoint), store.allowedHosts)
    if (address.authenticationType === 'SasToken' && secret?.kind === 'sasToken')
      this.#sasToken = new URLSearchParams(secret.sasToken.replace(/^\?/, ''))
    else if (address.authenticationType === 'AccountKey' && secret?.kind === 'accountKey')
      this.#sasToken = null
    else
      throw new TaskFailure('credential_unavailable', 'the credential does not fit the authentication type')
  }

  get storeName(): string {
    return this.#store.name
  }

  /** Sends a request whose answer is small or whose body fits `into`. Throws `BlobError` for a status of 400 and above. */
  async send(request: BlobRequest, into?: Uint8Array): Promise<BlobAnswer> {
    for (let attempt = 1; ; attempt++) {
      this.#store.signal.throwIfAborted()
      try {
        const answer = await this.#sendOnce(request, into)
        if (answer.status < 400) return answer
        throw new BlobError(answer, request)
      } catch (error) {
        if (this.#store.signal.aborted) throw error
        if (attempt >= maxTries || !isTransient(error)) throw blobFailure(error, this.#store)
        await delay(firstDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, {
          signal: this.#store.signal,
        })
      }
    }
  }

  /** Where a blob lies, with the SAS token if there is one: for server-side copies. */
  urlOf({ container, blob, query = {} }: Pick<BlobRequest, 'container' | 'blob' | 'query'>): URL {
    const url = new URL(this.#endpoint)
    const segments = [container, ...(blob?.split('/') ?? [])].filter((segment) => segment !== undefined)
    url.pathname = [url.pathname.replace(/\/$/, ''), ...segments.map(encodeURIComponent)].join('/')
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    for (const [name, value] of this.#sasToken ?? []) url.searchParams.set(name, value)
    return url
  }

  async close(): Promise<void> {
    await (await this.#agent)?.destroy()
  }

  async #sendOnce(request: BlobRequest, into: Uint8Array | undefined): Promise<BlobAnswer> {
    const url = this.urlOf(request)
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? null)
    const headers: Record<string, string> = {
      ...request.headers,
      'x-ms-version': apiVersion,
      'x-ms-date': new Date().toUTCString(),
      ...(request.method === 'PUT' && { 'content-length': String(body?.length ?? 0) }),
    }
    const { secret, address } = this.#store
    if (!this.#sasToken && secret?.kind === 'accountKey')
      headers['authorization'] = sharedKeyAuthorization(
        { method: request.method, url, headers },
        { accountName: address.accountName, accountKey: secret.accountKey },
      )
    const { origin, pathname, search } = url
    this.#agent ??= openAgent(this.#lookup)
    return exchange(
      await this.#agent,
      { origin, path: pathname + search, method: request.method, headers, body },
      {
        into,
        signal: this.#store.signal,
      },
    )
  }
}

/** Loaded with the first request: a thread that copies between databases needs no HTTP client (9 MB). */
async function openAgent(lookup: LookupFunction): Promise<Agent> {
  const { Agent } = await import('undici')
  return new Agent({
    connections: connectionsPerStore,
    connect: { timeout: connectTimeoutMs, lookup },
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
  })
}

/** Reads the answer without a stream in between: chunks are copied once, straight to where they belong. */
function exchange(
  agent: Agent,
  options: Dispatcher.DispatchOptions,
  { into, signal }: { into: Uint8Array | undefined; signal: AbortSignal },
): Promise<BlobAnswer> {
  return new Promise((resolve, reject) => {
    let status = 0
    let headers: Record<string, string> = {}
    let length = 0
    const rest: Buffer[] = []
    let abort: (() => void) | undefined
    const release = (): void => {
      if (abort) signal.removeEventListener('abort', abort)
    }
    agent.dispatch(options, {
      onRequestStart(controller) {
        abort = () => controller.abort(new Error('aborted'))
        signal.addEventListener('abort', abort, { once: true })
        if (signal.aborted) abort()
      },
      onResponseStart(_controller, statusCode, received) {
        status = statusCode
        headers = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]))
      },
      onResponseData(_controller, chunk) {
        const fits = into && status < 400 && length + chunk.length <= into.length
        if (fits) into.set(chunk, length)
        else rest.push(Buffer.from(chunk))
        length += chunk.length
      },
      onResponseEnd() {
        release()
        const isInPlace = into && rest.length === 0
        const body = isInPlace ? Buffer.from(into.buffer, into.byteOffset, length) : Buffer.concat(rest)
        resolve({ status, headers, body })
      },
      onResponseError(_controller, error) {
        release()
        reject(error)
      },
    })
  })
}

function isTransient(error: unknown): boolean {
  // Bytes that changed on their way (Md5Mismatch) are sent again.
  if (error instanceof BlobError && error.errorCode === 'Md5Mismatch') return true
  if (error instanceof BlobError) return error.status === 408 || error.status === 429 || error.status >= 500
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_(SOCKET|HEADERS_TIMEOUT|BODY_TIMEOUT|CONNECT_TIMEOUT))$/.test(
    code,
  )
}
