import { NextRequest } from 'next/server'
import { expect, test } from 'vitest'
import { POST } from './route'

test('nobody writes into the portal’s log through next-auth', async () => {
  const request = new NextRequest('https://portal.test/api/auth/_log', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ level: 'error', code: 'planted' }),
  })
  const answer = await POST(request, { params: Promise.resolve({ nextauth: ['_log'] }) })
  expect(answer.status).toBe(204)
})

const portalUrl = 'https://portal.test/api/auth'
async function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const [steps = ''] = path.split('?')
  const request = new NextRequest(`${portalUrl}/${path}`, { method, headers })
  const answer = await POST(request, { params: Promise.resolve({ nextauth: steps.split('/') }) })
  return { status: answer.status, headers: Object.fromEntries(answer.headers) }
}

test.each([
  ['GET', 'callback/password', 405],
  ['PUT', 'callback/password', 405],
  ['POST', 'csrf', 405],
  ['POST', 'session', 405],
  ['GET', 'callback/github', 404],
  ['POST', 'callback/password/more', 404],
  ['POST', 'signin/email', 404],
  ['GET', 'verify-request', 404],
  ['GET', 'toString', 404],
  ['GET', 'signin?callbackUrl=javascript:alert(1)', 400],
  ['GET', 'session?callbackUrl=%2F%2F%5B', 400],
])('%s %s is refused with %i', async (method, path, status) => {
  expect(await ask(method, path)).toMatchObject({ status })
})

test('a text that fits into no header leads to the sign-in page too', async () => {
  const { status, headers } = await ask('GET', `error?error=${encodeURIComponent('🗝\r\nX-Planted: 1')}`)
  expect({ status, location: headers['location'] }).toEqual({
    status: 302,
    location: '/sign-in?error=%F0%9F%97%9D%0D%0AX-Planted%3A%201',
  })
})

test('a cookie that holds no address is removed', async () => {
  const cookie = 'a=b; __Secure-next-auth.callback-url=javascript%3Aalert(1)'
  const { status, headers } = await ask('GET', 'csrf', { cookie })
  expect(status).toBe(400)
  expect(headers['set-cookie']).toBe('__Secure-next-auth.callback-url=; Path=/; Max-Age=0; Secure')
})
