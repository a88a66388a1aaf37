import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { readIfThere, writePrivate } from '@/server/files'
import {
  type KeyPair,
  makeAuthority,
  makeServerCertificate,
  publicKeyDigest,
  stillServes,
} from '@/server/local-authority'

/** What others must know to trust this portal's certificate; see `Portal` in lib/portal.ts. */
export type Trust = { caPem: string | null; fingerprint: string | null; serverKeyPin: string | null }
export type Tls = KeyPair & { trust: Trust }

/** The certificate of a local authority in `folder`: both are made when missing, the certificate renewed before it ends. */
export async function localTls(folder: string, hosts: string[]): Promise<Tls> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const authority =
    (await readPair(folder, 'authority')) ??
    (await keepPair(folder, 'authority', await makeAuthority(hosts[0] ?? '')))
  const kept = await readPair(folder, 'server')
  const server =
    kept && stillServes(kept, authority, hosts)
      ? kept
      : await keepPair(folder, 'server', await makeServerCertificate(authority, hosts, kept?.key))
  return {
    // The authority goes along, so that a node that knows only its fingerprint can find it in the handshake.
    cert: `${server.cert.trim()}\n${authority.cert.trim()}\n`,
    key: server.key,
    trust: {
      caPem: authority.cert,
      fingerprint: publicKeyDigest(authority.cert).toString('hex'),
      serverKeyPin: publicKeyDigest(server.cert).toString('base64'),
    },
  }
}

/** A given certificate and key; throws in plain words when they do not fit together. */
export async function givenTls(certFile: string, keyFile: string): Promise<Tls> {
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')])
  const trust = trustIn(cert, certFile)
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    throw new Error(`The key in ${keyFile} does not fit the certificate in ${certFile}`, { cause })
  }
  return { cert, key, trust }
}

/** What the certificate that a proxy shows for us tells; nothing when it was not given. */
export async function proxyTrust(certFile: string | null): Promise<Trust> {
  if (!certFile) return { caPem: null, fingerprint: null, serverKeyPin: null }
  return trustIn(await readFile(certFile, 'utf8'), certFile)
}

function trustIn(pem: string, file: string): Trust {
  const chain = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  const [leaf, last] = [chain[0], chain.at(-1)]
  if (!leaf || !last) throw new Error(`${file} holds no certificate (PEM)`)
  const top = new X509Certificate(last)
  return {
    caPem: top.subject === top.issuer ? `${last}\n` : null,
    fingerprint: publicKeyDigest(leaf).toString('hex'),
    serverKeyPin: publicKeyDigest(leaf).toString('base64'),
  }
}

async function readPair(folder: string, name: string): Promise<KeyPair | null> {
  const [cert, key] = await Promise.all([
    readIfThere(join(folder, `${name}.crt`)),
    readIfThere(join(folder, `${name}.key`)),
  ])
  return cert && key ? { cert, key } : null
}

/** The key first: a certificate without its key would be of no use. */
async function keepPair(folder: string, name: string, pair: KeyPair): Promise<KeyPair> {
  await writePrivate(join(folder, `${name}.key`), pair.key)
  await writePrivate(join(folder, `${name}.crt`), pair.cert)
  return pair
}
