import type { APIRequestContext, APIResponse } from '@playwright/test'
import { expect, test } from './support/journey'
import { owner } from './support/portal'

// Whoever knocks here is not signed in.
test.use({ storageState: { cookies: [], origins: [] } })

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'
const elsewhere = [
  'https://evil.example/a',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '///',
  '[',
]

async function csrfToken(request: APIRequestContext): Promise<string> {
  const answer: unknown = await (await request.get('/api/auth/csrf')).json()
  return answer && typeof answer === 'object' && 'csrfToken' in answer ? String(answer.csrfToken) : ''
}

/** Neither a fault of the portal, nor a way out of it: in a header, in a body, or in what the next answer would follow. */
async function expectHarmless(answer: APIResponse, what: string): Promise<void> {
  expect(answer.status(), what).toBeLessThan(500)
  const body = await answer.text()
  const led = answer.headers()['location'] ?? /"url":"([^"]+)"/.exec(body)?.[1]
  if (led === undefined) return
  const target = new URL(led, answer.url())
  expect(target.origin, what).toBe(new URL(answer.url()).origin)
  const next = target.searchParams.get('callbackUrl') ?? '/'
  expect(new URL(next, answer.url()).origin, what).toBe(new URL(answer.url()).origin)
}

test('no request to the sign-in flow is a fault of the portal or leads out of it', async ({ request }) => {
  const steps = ['callback/password', 'callback', 'callback/github', 'signin', 'signin/password', 'signin/x']
  const rest = [
    'signout',
    'session',
    'csrf',
    'providers',
    'error',
    'error/🗝',
    'verify-request',
    '_log',
    'x',
    'a/b/c',
  ]
  const types = [form, json, 'multipart/form-data', 'text/plain', '']
  const writes = ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].flatMap((method) =>
    types.map((type) => ({
      method,
      data: '{"a',
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': type },
    })),
  )
  const asked = [{ method: 'GET' }, { method: 'HEAD' }, ...writes]
  const queries = elsewhere.map(
    (callbackUrl) => `?${new URLSearchParams({ callbackUrl, error: '🗝\r\nSet-Cookie: a=b' })}`,
  )
  for (const step of [...steps, ...rest]) {
    const at = `/api/auth/${step}`
    for (const each of asked)
      await expectHarmless(
        await request.fetch(at, { ...each, maxRedirects: 0 }),
        `${step} ${JSON.stringify(each)}`,
      )
    for (const query of queries)
      await expectHarmless(await request.get(at + query, { maxRedirects: 0 }), `${step} with ${query}`)
  }
})

test('a sign-in that is asked to lead elsewhere stays, whatever the body is made of', async ({ request }) => {
  const csrf = await csrfToken(request)
  const odd = [{ csrfToken: {} }, { callbackUrl: {} }, { json: [] }]
  const signed = odd.map((body) => ({ ...body, csrfToken: csrf, email: [], password: {} }))
  const bodies: unknown[] = [null, [], 'text', 7, ...odd, ...signed]
  const credentials = { email: owner.email, password: owner.password, csrfToken: csrf }
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': json }
  for (const body of bodies)
    for (const step of ['callback/password', 'signout']) {
      const data = JSON.stringify(body)
      const answer = await request.post(`/api/auth/${step}`, { data, headers, maxRedirects: 0 })
      await expectHarmless(answer, `${step} with ${data}`)
    }
  for (const callbackUrl of [...elsewhere, 7, {}, ['https://evil.example']]) {
    for (const asJson of [{}, { json: 'true' }]) {
      const data = JSON.stringify({ ...credentials, callbackUrl, ...asJson })
      const answer = await request.post('/api/auth/callback/password', { data, headers, maxRedirects: 0 })
      await expectHarmless(answer, `sign-in to ${JSON.stringify(callbackUrl)}`)
      expect(answer.status()).toBeLessThan(400)
      await request.post('/api/auth/signout', {
        data: JSON.stringify({ csrfToken: csrf, callbackUrl }),
        headers,
        maxRedirects: 0,
      })
    }
  }
})
