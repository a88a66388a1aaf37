import { X509Certificate } from 'node:crypto'
import { checkServerIdentity, type PeerCertificate, rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import { proxyAuthorization } from './proxy-tunnel.ts'
import { isSelfSigned, publicKeyFingerprint } from './trust.ts'

export type Reach = {
  portalCertificate: string | null
  portalFingerprint: string | null
  proxyUrl: string | null
}

/** Longer than the longest hold of a poll (55 s) and its way back. */
const answerTimeoutMs = 75_000

/** Connections to the portal and to nothing else: pinned, kept alive, through the proxy where one is set. */
export function openTransport(reach: Reach): Dispatcher {
  const connect = { timeout: 10_000, ...pinnedTls(reach) }
  const timeouts = { headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs, keepAliveTimeout: 60_000 }
  if (!reach.proxyUrl) return new Agent({ connect, ...timeouts })
  const proxy = new URL(reach.proxyUrl)
  const token = proxyAuthorization(proxy)
  return new ProxyAgent({ uri: proxy.origin, ...(token && { token }), requestTls: connect, ...timeouts })
}

/** An own authority is the only trusted root; any other pinned certificate must be the very one, whoever signed it. */
function pinnedTls({ portalCertificate, portalFingerprint }: Reach) {
  if (!portalCertificate) return {}
  const [first = '', ...roots] = portalCertificate.match(pemPattern) ?? []
  if (isSelfSigned(new X509Certificate(first))) return { ca: [first] }
  return {
    ca: [...rootCertificates, ...roots],
    checkServerIdentity: (host: string, shown: PeerCertificate) => {
      const error = checkServerIdentity(host, shown)
      if (error) return error
      const matches = publicKeyFingerprint(new X509Certificate(shown.raw)) === portalFingerprint
      return matches ? undefined : new Error('the certificate is not the one that was pinned at registration')
    },
  }
}

const pemPattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
