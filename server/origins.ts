import { X509Certificate } from 'node:crypto'

/**
 * Every address under which nodes may reach this portal, as they sign it: the public one, this machine's own, and the names
 * of its certificate. Taken from the configuration only, never from what a request says of itself.
 */
export function originsOf(portal: { publicUrl: string; port: number; certPem: string | null }): string[] {
  const { publicUrl, port, certPem } = portal
  const hosts = ['localhost', '127.0.0.1', '[::1]', ...(certPem ? certificateHosts(certPem) : [])]
  const scheme = certPem ? 'https' : 'http'
  const own = hosts.map((host) => new URL(`${scheme}://${host}:${port}`).origin)
  return [...new Set([new URL(publicUrl).origin, ...own])]
}

/** `DNS:portal.example.com, IP Address:10.0.0.4`: a wildcard names no host. */
function certificateHosts(certPem: string): string[] {
  const names = new X509Certificate(certPem).subjectAltName?.split(', ') ?? []
  return names.flatMap((name) => {
    const [, kind, value] = /^(DNS|IP Address):(.+)$/.exec(name) ?? []
    if (!value || value.includes('*')) return []
    return [kind === 'DNS' ? value : ipHost(value)]
  })
}

function ipHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
