import { hkdfSync } from 'node:crypto'
import { processShared } from '@/lib/process-shared'
import type { Secret } from '@/lib/secret'

/** What the running portal knows of itself. */
export type Portal = {
  /** Origin by which browsers and nodes reach it, without a slash at the end. */
  publicUrl: string
  /** Certificate (PEM) that a node must trust to reach it; null when a public authority vouches for it. */
  caPem: string | null
  /** SHA-256 of the public key of that authority, or of a given certificate; hex, for enrolment tokens. Null behind a proxy that told nothing. */
  fingerprint: string | null
  /** SHA-256 of the server certificate's public key, base64, for `curl --pinnedpubkey sha256//…`. Null likewise. */
  serverKeyPin: string | null
  /** 32 bytes that never leave the machine; use it through {@link portalKey}. */
  secretKey: Secret<Uint8Array>
}

const shared = processShared<{ portal?: Portal }>('portal', () => ({}))

/** Called once by the portal's process, before the first request, and by tests. */
export function usePortal(portal: Portal): void {
  shared.value.portal = portal
}

export function portal(): Portal {
  if (!shared.value.portal) throw new Error('The portal has not started yet')
  return shared.value.portal
}

/** A 32-byte key for one purpose only, derived from the portal's secret key file. */
export function portalKey(purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', portal().secretKey.reveal(), '', `sallyport/${purpose}`, 32))
}
