import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { isIP, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TestConnectionResult } from '../../../lib/protocol/interactive.ts'
import { PostgreSqlAddress, type StoreRef, type StoreSecret } from '../../../lib/protocol/stores.ts'
import { TaskFailure } from '../../copy/failure.ts'
import type { TaskContext } from '../../copy/task-context.ts'
import { allowTarget, guardedSocket } from '../../host-policy.ts'
import { type ConnectionStep, runConnectionSteps } from '../connection-steps.ts'
import { PgSession } from './session.ts'

/** A person waits: each network step gives up after this time. */
const stepTimeoutMs = 10_000
/** The SSLRequest message: length 8 and the code 80877103 (protocol-message-formats in PostgreSQL's manual). */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/** Walks from the credential to the first query, so that the first step that fails tells what to repair. */
export async function testPostgres(
  ref: StoreRef,
  ctx: Pick<TaskContext, 'secretFor' | 'allowedHosts' | 'signal'>,
): Promise<TestConnectionResult> {
  const address = PostgreSqlAddress.parse(ref.address)
  const place = { store: ref.linkedServiceName, object: `${address.host}:${address.port}` }
  let secret: StoreSecret | null = null
  let serverVersion: string | undefined
  const { allowedHosts } = ctx
  const applicationName = 'sallyport test connection'
  const login = () => PgSession.open({ address, secret, allowedHosts, applicationName }, place, ctx.signal)
  const dial = () => guardedSocket(address, allowedHosts, new Socket()).connect(address)
  const steps: (ConnectionStep | null)[] = [
    { step: 'policy', run: () => allowTarget(address, allowedHosts) },
    {
      step: 'credential',
      async run() {
        secret = await ctx.secretFor(ref)
        return secret ? 'opened by this node' : 'none needed'
      },
    },
    isIP(address.host) ? null : { step: 'dns', run: () => resolveHost(address.host) },
    { step: 'tcp', run: () => withSocket(dial(), async () => 'connected') },
    address.sslMode === 'disable' ? null : { step: 'tls', run: () => handshake(address, dial()) },
    {
      step: 'login',
      async run() {
        const session = await login()
        serverVersion = `PostgreSQL ${await session.version()}`
        await session.close()
        return `${address.username} at database ${address.database}, ${serverVersion}`
      },
    },
    {
      step: 'permission',
      async run() {
        const session = await login()
        try {
          return await describeRights(session)
        } finally {
          await session.close()
        }
      },
    },
  ]
  const result = await runConnectionSteps(
    steps.filter((step) => step !== null),
    place,
  )
  return serverVersion === undefined ? result : { ...result, serverVersion }
}

async function resolveHost(host: string): Promise<string> {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address).join(', ')
}

async function withSocket(socket: Socket, work: (socket: Socket) => Promise<string>): Promise<string> {
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(stepTimeoutMs) }).catch(timeAsReason)
    return await work(socket)
  } finally {
    socket.destroy()
  }
}

function handshake(address: PostgreSqlAddress, dial: Socket): Promise<string> {
  return withSocket(dial, async (socket) => {
    const signal = AbortSignal.timeout(stepTimeoutMs)
    socket.write(sslRequest)
    const [answer] = (await once(socket, 'data', { signal }).catch(timeAsReason)) as [Buffer]
    if (answer.toString() !== 'S')
      throw new TaskFailure(
        'tls_failed',
        'The server does not offer TLS; choose the SSL mode “disable” or set it up.',
      )
    const servername = isIP(address.host) ? undefined : address.host
    const secured = connectTls({
      socket,
      ...(servername !== undefined && { servername }),
      rejectUnauthorized: address.sslMode === 'verify-full',
    })
    await once(secured, 'secureConnect', { signal }).catch(timeAsReason)
    const certificate = secured.getPeerCertificate()
    return `${secured.getProtocol() ?? 'TLS'}, certificate valid until ${certificate.valid_to ?? 'unknown'}`
  })
}

function timeAsReason(error: unknown): never {
  if (error instanceof Error && error.name === 'AbortError') throw Object.assign(error, { code: 'ETIMEDOUT' })
  throw error
}

async function describeRights(session: PgSession): Promise<string> {
  const { rows } = await session.query<{ readable: string; creatable: string | null }>(
    `SELECT (SELECT count(*) FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
         AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' AND has_table_privilege(c.oid, 'SELECT')) AS readable,
       (SELECT string_agg(nspname, ', ' ORDER BY nspname) FROM pg_namespace
         WHERE nspname !~ '^(pg_|information_schema)' AND has_schema_privilege(oid, 'CREATE')) AS creatable`,
  )
  const { readable = '0', creatable = null } = rows[0] ?? {}
  return `may read ${readable} tables and views; ${creatable ? `may create tables in ${creatable}` : 'may create no tables'}`
}
