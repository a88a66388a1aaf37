import { paths } from '@/lib/paths'

export type InstallFrom = { portalUrl: string; serverKeyPin: string | null }
export const platforms = ['unix', 'windows'] as const
export type Platform = (typeof platforms)[number]
export const platformNames: Record<Platform, string> = {
  unix: 'Linux and macOS',
  windows: 'Windows (PowerShell)',
}

const file = 'sallyport-agent.cjs'

/**
 * One line that fetches the agent, registers it and runs it. Where the portal's certificate is its own, curl is told the
 * server's public key: `-k` only skips the search for an authority, the key must match all the same.
 */
export function installLine(from: InstallFrom, token: string, platform: Platform): string {
  const { portalUrl } = from
  const url = portalUrl + paths.agentFile()
  const register = `node ${file} register --portal ${portalUrl} --token ${token}`
  const run = `node ${file} run`
  if (platform === 'windows') {
    // PowerShell 5 has no &&, and calls something else curl.
    const fetch = `curl.exe -fsS ${pin(from, '"')}-o ${file} ${url}`
    return `${fetch}; if ($?) { ${register}; if ($?) { ${run} } }`
  }
  return `curl -fsS ${pin(from, "'")}-o ${file} ${url} && ${register} && ${run}`
}

/** For automation: the key is read from a file, so that it stands in no process list. */
export function keyLine(from: InstallFrom & { fingerprint: string | null }): string {
  const { portalUrl, fingerprint } = from
  const trust = fingerprint ? ` --ca-fingerprint ${fingerprint}` : ''
  const fetch = `curl -fsS ${pin(from, "'")}-o ${file} ${portalUrl}${paths.agentFile()}`
  return `${fetch} && node ${file} register --portal ${portalUrl}${trust} --secret-file key.txt && node ${file} run`
}

function pin({ serverKeyPin }: InstallFrom, quote: string): string {
  return serverKeyPin ? `-k --pinnedpubkey ${quote}sha256//${serverKeyPin}${quote} ` : ''
}
