import { createHmac } from 'node:crypto'

export type SignableRequest = { method: string; url: URL; headers: Readonly<Record<string, string>> }

/** Headers that the string to sign names by position; Content-Length and Date are handled apart. */
const positionalHeaders = [
  'content-md5',
  'content-type',
  '',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
] as const

/**
 * The Authorization header of a request with an account key
 * (https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key). Header names are lower case.
 */
export function sharedKeyAuthorization(
  { method, url, headers }: SignableRequest,
  { accountName, accountKey }: { accountName: string; accountKey: string },
): string {
  const length = headers['content-length'] ?? ''
  const lines = [
    method,
    headers['content-encoding'] ?? '',
    headers['content-language'] ?? '',
    length === '0' ? '' : length,
    ...positionalHeaders.map((name) => headers[name] ?? ''),
  ]
  const msHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .toSorted()
    .map((name) => `${name}:${headers[name]?.trim() ?? ''}`)
  const parameters = [...url.searchParams].map(([name, value]) => `${name.toLowerCase()}:${value}`).toSorted()
  const resource = [`/${accountName}${url.pathname}`, ...parameters]
  const text = [...lines, ...msHeaders, ...resource].join('\n')
  const signature = createHmac('sha256', Buffer.from(accountKey, 'base64')).update(text).digest('base64')
  return `SharedKey ${accountName}:${signature}`
}
