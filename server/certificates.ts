import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Env } from '@/lib/env'
import { log } from '@/lib/log'
import type { KeyPair } from '@/server/local-authority'
import { givenTls, localTls, proxyTrust, type Tls, type Trust } from '@/server/tls'

/** Often enough for a certificate that an ACME client renewed on disk. */
const lookEveryMs = 60 * 60_000

/** The certificate this portal serves (null behind a proxy) and what others need to trust it. */
export async function loadCertificates(env: Env): Promise<{ tls: KeyPair | null; trust: Trust }> {
  if (env.behindProxy) return { tls: null, trust: await proxyTrust(env.tlsCertFile) }
  const tls = await loadTls(env)
  return { tls, trust: tls.trust }
}

/** Serves a renewed certificate without a restart; answers how to end that. */
export function keepCertificates(env: Env, renew: (tls: KeyPair) => void): () => void {
  let served: string | undefined
  const look = async () => {
    const tls = await loadTls(env)
    if (served !== undefined && tls.cert !== served) log.info('serving a renewed certificate')
    served = tls.cert
    renew(tls)
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) =>
      log.error({ err: error }, 'cannot renew the certificate; still serving the last one'),
    )
  }, lookEveryMs)
  return () => clearInterval(timer)
}

/** Where the certificate of the local authority lies. */
export function authorityFile({ dataDir }: Env): string {
  return join(dataDir, 'tls', 'authority.crt')
}

async function loadTls(env: Env): Promise<Tls> {
  if (env.tlsCertFile && env.tlsKeyFile) return givenTls(env.tlsCertFile, env.tlsKeyFile)
  return localTls(join(env.dataDir, 'tls'), hostsOf(env))
}

/** Every name by which this machine may be called; the first names the authority. */
function hostsOf({ publicUrl, address }: Env): string[] {
  const machine = hostname().toLowerCase()
  const named = publicUrl ? new URL(publicUrl).hostname.replace(/^\[|\]$/g, '') : machine
  const bound = address && !['0.0.0.0', '::'].includes(address) ? address : 'localhost'
  const hosts = [named, machine, bound, 'localhost', '127.0.0.1', '::1']
  return [...new Set(hosts.filter((host) => /^[a-z0-9.:-]{1,253}$/.test(host)))]
}
