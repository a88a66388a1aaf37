import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { useDatabase } from '@/lib/db/client'
import { defaultPublicUrl, type Env } from '@/lib/env'
import { usePortal } from '@/lib/portal'
import type { Secret } from '@/lib/secret'
import { ensureSetupCode } from '@/lib/setup/setup-code'
import { createAgentChannel } from '@/server/agent-channel'
import { authorityFile, keepCertificates, loadCertificates } from '@/server/certificates'
import { openDatabase } from '@/server/database'
import { createPortalServer } from '@/server/http-server'
import { startLoops } from '@/server/loops/start'
import { originsOf } from '@/server/origins'
import { preparePages } from '@/server/pages'
import { ensureSecretKey } from '@/server/secret-key'
import { openWakeLine } from '@/server/wake-line'

export type RunningPortal = {
  /** How browsers and nodes reach it. */
  publicUrl: string
  /** How this machine reaches it, whatever stands in front. */
  localUrl: string
  /** While nobody can sign in: the code that makes the first owner. */
  setupCode: string | null
  databaseUrl: Secret
  /** The local authority's certificate, for browsers and tools to trust; null with a certificate of another's. */
  authorityFile: string | null
  /** Polls of nodes that it holds at this moment. */
  readonly heldPolls: number
  /** Answers what is held, lets requests finish, then ends the database. */
  stop(): Promise<void>
}

/**
 * Brings the whole portal up; what was begun is taken down again when a later step fails. `stopping` ends a start that is
 * still under way.
 */
export async function startPortal(
  env: Env,
  { dev, stopping }: { dev: boolean; stopping?: AbortSignal },
): Promise<RunningPortal> {
  await using begun = new AsyncDisposableStack()
  await mkdir(env.dataDir, { recursive: true, mode: 0o700 })
  const secretKey = await ensureSecretKey(env.secretKeyFile ?? join(env.dataDir, 'secret.key'))
  const { tls, trust } = await loadCertificates(env)

  const database = await openDatabase(env, stopping)
  begun.defer(() => database.close())
  useDatabase(database.db)
  const pages = await preparePages(dev)
  begun.defer(() => pages.close())

  const origins: string[] = []
  const channel = createAgentChannel({ db: database.db, origins: () => origins })
  begun.defer(() => channel.close())
  const line = openWakeLine({ url: database.url.reveal(), db: database.db, onUp: channel.lookNow })
  begun.defer(() => line.close())
  const server = createPortalServer({
    tls,
    gate: { behindProxy: env.behindProxy, dev },
    agent: channel.handle,
    pages: pages.handle,
  })
  const port = await server.listen({ port: env.port, host: env.address ?? (tls ? undefined : '127.0.0.1') })
  // Together: what does not end in time is cut, also a node that sends its request drop by drop.
  begun.defer(
    async () => void (await Promise.all([channel.drain(), server.close(env.shutdownSeconds * 1000)])),
  )
  if (tls) begun.defer(keepCertificates(env, (renewed) => server.renew(renewed)))

  const publicUrl = env.publicUrl ?? defaultPublicUrl(port)
  usePortal({ publicUrl, ...trust, secretKey })
  origins.push(...originsOf({ publicUrl, port, certPem: tls?.cert ?? null }))
  const loops = startLoops(database.db)
  begun.defer(() => loops.stop())
  const setupCode = await ensureSetupCode(database.db)
  stopping?.throwIfAborted()
  const running = begun.move()
  const localUrl = `${tls ? 'https' : 'http'}://${localHost(env.address)}:${port}`
  return {
    publicUrl,
    localUrl,
    setupCode,
    databaseUrl: database.url,
    authorityFile: env.behindProxy || env.tlsCertFile ? null : authorityFile(env),
    get heldPolls() {
      return channel.heldCount
    },
    stop: () => running.disposeAsync(),
  }
}

function localHost(address: string | null): string {
  if (!address || ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(address)) return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}
