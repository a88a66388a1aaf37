import { createHash, X509Certificate } from 'node:crypto'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls'
import { AgentFailure } from './agent-error.ts'
import { openTunnel } from './proxy-tunnel.ts'

/** SHA-256 of a certificate's public key (SPKI, DER), hex: what tokens and `--ca-fingerprint` carry. */
export function publicKeyFingerprint(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex')
}

/**
 * Looks at the chain that the portal shows and returns the certificate that the fingerprint names, and after it the chain's own
 * root where that is another one (a company's authority, say). Nothing is sent over this connection: every later one is
 * verified against what is found here.
 */
export async function findPinnedCertificate(
  portalUrl: string,
  fingerprint: string,
  proxyUrl: string | null,
): Promise<string> {
  const url = new URL(portalUrl)
  const chain = await readChain(url, proxyUrl === null ? undefined : await openTunnel(proxyUrl, url))
  const found = chain.find((certificate) => publicKeyFingerprint(certificate) === fingerprint)
  const root = chain.at(-1)
  if (found && root && root !== found && isSelfSigned(root)) return `${found.toString()}${root.toString()}`
  if (found) return found.toString()
  const seen = chain.map(
    (certificate) => `${certificate.subject.replaceAll('\n', ', ')} (${publicKeyFingerprint(certificate)})`,
  )
  throw new AgentFailure(
    'tls',
    `The certificate of ${portalUrl} is not the one that the fingerprint names. Somebody may stand between this machine and the portal, or the fingerprint is of another portal. Expected ${fingerprint}, seen ${seen.join('; ')}`,
  )
}

export function isSelfSigned({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer
}

function readChain(url: URL, tunnel: Socket | undefined): Promise<X509Certificate[]> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const socket = tunnel ?? connectTcp({ host, port: Number(url.port || 443) })
    const secure = connectTls({
      socket,
      host,
      servername: /^[\d.:]+$/.test(host) ? '' : host,
      rejectUnauthorized: false,
    })
    secure.setTimeout(10_000, () => secure.destroy(new Error('no answer within 10 s')))
    socket.once('error', reject)
    secure.once('error', reject)
    secure.once('secureConnect', () => {
      const chain: X509Certificate[] = []
      let at: DetailedPeerCertificate | undefined = secure.getPeerCertificate(true)
      while (at?.raw && chain.length < 10) {
        chain.push(new X509Certificate(at.raw))
        at = at.issuerCertificate === at ? undefined : at.issuerCertificate
      }
      secure.destroy()
      resolve(chain)
    })
  })
}
