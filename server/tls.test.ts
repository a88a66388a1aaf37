import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { publicKeyDigest } from '@/server/local-authority'
import { givenTls, localTls, proxyTrust } from '@/server/tls'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-tls-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function fetchOver(tls: { cert: string; key: string }, ca: string): Promise<string> {
  const server = createServer(tls, (_, res) => res.end('ok')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise((resolve, reject) => {
      get({ port, host: 'localhost', ca, agent: false }, (res) => resolve(res.socket ? 'trusted' : '')).on(
        'error',
        reject,
      )
    })
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

describe('localTls()', () => {
  test('makes a certificate that a client who knows the authority trusts', async () => {
    const tls = await localTls(folder, ['localhost', '127.0.0.1', '::1'])
    expect(await fetchOver(tls, tls.trust.caPem ?? '')).toBe('trusted')
    const stranger = await localTls(join(folder, 'other'), ['localhost'])
    await expect(fetchOver(tls, stranger.trust.caPem ?? '')).rejects.toThrow(/certificate/)
  })

  test('keeps authority and certificate over starts, private to the owner', async () => {
    const first = await localTls(folder, ['localhost'])
    expect(await localTls(folder, ['localhost'])).toEqual(first)
    for (const file of ['authority.key', 'server.key', 'server.crt']) {
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
    }
  })

  test('signs anew for a new host name, with the same key and authority', async () => {
    const first = await localTls(folder, ['localhost'])
    const second = await localTls(folder, ['localhost', 'portal.example.com'])
    expect(second.cert).not.toBe(first.cert)
    expect(second.trust).toEqual(first.trust)
    expect(new X509Certificate(second.cert).checkHost('portal.example.com')).toBe('portal.example.com')
  })

  test('signs anew when the kept certificate is of another authority', async () => {
    const other = join(folder, 'other')
    await Promise.all([localTls(folder, ['localhost']), localTls(other, ['localhost'])])
    await writeFile(join(folder, 'server.crt'), await readFile(join(other, 'server.crt')))
    await writeFile(join(folder, 'server.key'), await readFile(join(other, 'server.key')))
    const tls = await localTls(folder, ['localhost'])
    expect(await fetchOver(tls, tls.trust.caPem ?? '')).toBe('trusted')
  })

  test('tells the fingerprints that tokens and curl use', async () => {
    const { trust, cert } = await localTls(folder, ['localhost'])
    expect(trust.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(trust.serverKeyPin).toBe(publicKeyDigest(cert).toString('base64'))
  })
})

describe('givenTls()', () => {
  test('says when key and certificate do not belong together', async () => {
    const other = join(folder, 'other')
    await Promise.all([localTls(folder, ['localhost']), localTls(other, ['localhost'])])
    const [cert, key] = [join(folder, 'server.crt'), join(other, 'server.key')]
    await expect(givenTls(cert, key)).rejects.toThrow(
      `The key in ${key} does not fit the certificate in ${cert}`,
    )
  })

  test('says when the file holds no certificate', async () => {
    await localTls(folder, ['localhost'])
    const key = join(folder, 'server.key')
    await expect(givenTls(key, key)).rejects.toThrow(`${key} holds no certificate`)
  })
})

test('proxyTrust() pins the certificate of the proxy when it is given', async () => {
  await localTls(folder, ['localhost'])
  expect(await proxyTrust(null)).toEqual({ caPem: null, fingerprint: null, serverKeyPin: null })
  expect((await proxyTrust(join(folder, 'server.crt'))).fingerprint).toMatch(/^[0-9a-f]{64}$/)
})
