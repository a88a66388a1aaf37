import { paths } from '@/lib/paths'

/** What the sign-in flow is asked for here, by method. Next-auth answers 500 to some of the rest. */
const asked: Record<string, readonly string[]> = {
  GET: ['csrf', 'error', 'providers', 'session', 'signin', 'signout'],
  POST: ['callback/password', 'signout'],
}

/** The answer to a request that next-auth must not see; null lets it pass. */
export function answerBefore(request: Request, action: readonly string[]): Response | null {
  const { method, headers, url } = request
  const path = action.join('/')
  const methods = Object.keys(asked).filter((one) => asked[one]?.includes(path))
  if (methods.length === 0) return plain(404, 'There is no such step of signing in')
  if (!methods.includes(method))
    return plain(405, `${method} is not allowed here`, { Allow: methods.join(', ') })
  const { searchParams } = new URL(url)
  // Next-auth would put the text as it stands into a header, which takes no letters beyond Latin ones.
  if (path === 'error') return toSignIn(searchParams.get('error') ?? '')
  if (!isAddress(searchParams.get('callbackUrl')))
    return plain(400, 'The query "callbackUrl" is no address of this portal')
  const spoilt = spoiltCookie(headers.get('cookie') ?? '')
  if (spoilt === null) return null
  const secure = spoilt.startsWith('__') ? '; Secure' : ''
  return plain(400, 'The cookie with the address to go back to was not readable, and is removed. Try again', {
    'Set-Cookie': `${spoilt}=; Path=/; Max-Age=0${secure}`,
  })
}

/** Where next-auth leads, without a host: a reader of the answer stays where it asked. */
export function withinPortal(answer: Response): Response {
  const location = answer.headers.get('Location')
  if (location === null) return answer
  const { pathname, search } = new URL(location, 'https://portal.invalid')
  answer.headers.set('Location', pathname.replace(/^\/+/, '/') + search)
  return answer
}

function toSignIn(error: string): Response {
  const query = error ? `?error=${encodeURIComponent(error.slice(0, 200).toWellFormed())}` : ''
  return new Response(null, { status: 302, headers: { Location: paths.signIn() + query } })
}

/** The name of next-auth's cookie with the address to go back to, where it holds none. */
function spoiltCookie(cookies: string): string | null {
  const found = cookies.matchAll(/(?:^|;\s*)((?:__\w+-)?next-auth\.callback-url)=([^;]*)/g)
  for (const [, name = '', value = ''] of found) if (!isAddress(decoded(value))) return name
  return null
}

/** As next-auth wants it: a path, or an address of the web. */
function isAddress(text: string | null): boolean {
  if (!text) return true
  const base = text.startsWith('/') ? 'https://portal.invalid' : undefined
  return URL.canParse(text, base) && ['http:', 'https:'].includes(new URL(text, base).protocol)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function plain(status: number, message: string, headers: Record<string, string> = {}): Response {
  return new Response(`${message}\n`, { status, headers })
}
