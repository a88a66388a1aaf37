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
