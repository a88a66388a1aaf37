import { processShared } from '@/lib/process-shared'

/**
 * What the portal's process decided at its start and pages, actions and queries need. server/main.ts sets it before the
 * first request; it lives beside Next's bundle, so it cannot come from the environment.
 */
export type PortalSettings = {
  /** Where browsers and nodes reach the portal: `https://host[:port]`, without a slash at the end. */
  publicUrl: string
  /** Encrypts the session cookie: from the secret file in the data directory. */
  sessionSecret: string
  /** 32 bytes of the portal's key file: seals what the portal itself must be able to read again. */
  sealingKey: Uint8Array
  /** What an install line pins; null where the certificate comes from a public authority or a proxy. */
  pin: {
    /** SHA-256 of the serving certificate's public key, base64: `curl --pinnedpubkey sha256//…`. */
    serverKeySha256Base64: string
    /** SHA-256 of the public key of the authority (or of the serving certificate itself), hex: the end of an enrolment token. */
    authorityKeySha256Hex: string
  } | null
}

const shared = processShared<{ settings?: PortalSettings }>('portal-settings', () => ({}))

export function usePortalSettings(settings: PortalSettings | null): void {
  if (settings) shared.value.settings = settings
  else delete shared.value.settings
}

export function portalSettings(): PortalSettings {
  if (!shared.value.settings) throw new Error('The settings of the portal are not known yet')
  return shared.value.settings
}
