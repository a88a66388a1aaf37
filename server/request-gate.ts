import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'

export type GateOptions = {
  /** A proxy in front of us says who the client is; otherwise nobody may. */
  behindProxy: boolean
  /** Next's development server needs eval and a web socket. */
  dev: boolean
}

/** Headers by which Next, a proxy, or this gate speak to the pages: a client's own would be believed. */
const inward =
  /^(x-middleware-|x-now-|x-matched-path$|x-nextjs-data$|x-next-resume|next-resume$|x-nonce$|x-sallyport-|content-security-policy|x-invoke-)/
const forwarded = /^(x-forwarded-|forwarded$|x-real-ip$)/

/** Removes what a client may not say, and tells the pages who it is. Comes first, for every request. */
export function cleanHeaders(req: IncomingMessage, options: GateOptions): void {
  const { behindProxy } = options
  const told = behindProxy ? String(req.headers['x-forwarded-for'] ?? '') : ''
  for (const name of Object.keys(req.headers)) {
    if (inward.test(name) || (!behindProxy && forwarded.test(name))) delete req.headers[name]
  }
  // The last entry is the one that our own proxy wrote; what stands before it came from the client.
  const client = told.split(',').at(-1)?.trim() || (req.socket.remoteAddress ?? '')
  // A socket that listens on both families writes an IPv4 client as ::ffff:192.0.2.7.
  req.headers['x-forwarded-for'] = client.replace(/^::ffff:(?=\d+\.)/i, '')
  // Sign-in takes its own address from these (AUTH_TRUST_HOST in next.config.ts).
  const own = new URL(originOf(req, options))
  req.headers['x-forwarded-host'] = own.host
  req.headers['x-forwarded-proto'] = own.protocol.slice(0, -1)
}

type Refusal = { status: number; message: string }

/** Why a request for pages is refused before any page sees it; null lets it pass. */
export function refusal(req: IncomingMessage, options: GateOptions): Refusal | null {
  const method = req.method ?? ''
  if (!isReadable(req.url ?? '')) return { status: 400, message: 'The address is not well formed' }
  if (method === 'GET' || method === 'HEAD') return null
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
    return { status: 405, message: `${method} is not allowed here` }
  const site = req.headers['sec-fetch-site']
  const own = originOf(req, options)
  const { origin } = req.headers
  // Every browser sends one of the two with a write; a write from elsewhere rides on a signed-in user's cookie.
  const sameSite = site === undefined || site === 'same-origin'
  const sameOrigin = origin === undefined || origin === own
  if (!sameSite || !sameOrigin || (site ?? origin) === undefined)
    return { status: 403, message: `A change must come from a page of ${own}` }
  return refuseBody(req)
}

/** What Next takes for an action. Its route handlers, and sign-in with them, would keep a body of any size in memory. */
const maxBodyBytes = 1024 * 1024

/** Every browser, and every proxy that passes its request on, tells the length. */
function refuseBody({ headers }: IncomingMessage): Refusal | null {
  if (headers['transfer-encoding'] !== undefined)
    return { status: 411, message: 'The request must tell the length of its body' }
  if (Number(headers['content-length'] ?? 0) <= maxBodyBytes) return null
  return { status: 413, message: `The body is larger than ${maxBodyBytes} bytes` }
}

/** Next answers 500 to a path with a stray % or with bytes that are no text; NUL is no text for the database. */
function isReadable(url: string): boolean {
  if (url.includes('%00')) return false
  try {
    decodeURIComponent(url.split('?')[0] ?? '')
    return true
  } catch {
    return false
  }
}

/** Sets the headers of every answer, and for pages the policy whose nonce Next puts on its scripts. */
export function secureHeaders(req: IncomingMessage, res: ServerResponse, options: GateOptions): void {
  for (const [name, value] of always) res.setHeader(name, value)
  const own = new URL(originOf(req, options))
  if (own.protocol === 'https:' && mayInsistOnHttps(own.hostname)) {
    res.setHeader('Strict-Transport-Security', 'max-age=31536000')
  }
  if (req.url?.startsWith('/_next/static/')) return
  const nonce = randomBytes(16).toString('base64')
  const policy = contentSecurityPolicy(nonce, options)
  res.setHeader('Content-Security-Policy', policy)
  // Next takes the nonce for its own scripts out of the request's policy (its guide: content-security-policy.md).
  req.headers['content-security-policy'] = policy
  req.headers['x-nonce'] = nonce
  req.headers['x-sallyport-path'] = req.url ?? '/'
}

const always = Object.entries({
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not no-referrer: browsers would then send "Origin: null" with forms, and a write could not be told from a foreign one.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'X-DNS-Prefetch-Control': 'off',
})

function contentSecurityPolicy(nonce: string, { dev }: GateOptions): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' ${dev ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${dev ? ' ws: wss:' : ''}`,
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function originOf(req: IncomingMessage, { behindProxy }: GateOptions): string {
  const encrypted = 'encrypted' in req.socket && req.socket.encrypted === true
  const protocol = behindProxy
    ? (first(req.headers['x-forwarded-proto']) ?? 'https')
    : encrypted
      ? 'https'
      : 'http'
  const host = (behindProxy ? first(req.headers['x-forwarded-host']) : undefined) ?? req.headers.host
  const origin = `${protocol}://${host ?? 'localhost'}`
  return URL.canParse(origin) ? new URL(origin).origin : `${protocol}://localhost`
}

function first(value: string | string[] | undefined): string | undefined {
  return (
    String(value ?? '')
      .split(',')[0]
      ?.trim() || undefined
  )
}

/** A browser that keeps this for "localhost" would refuse every other program's plain HTTP there. */
function mayInsistOnHttps(host: string): boolean {
  return host !== 'localhost' && !host.endsWith('.localhost') && isIP(host.replace(/^\[|\]$/g, '')) === 0
}
