import { Socket } from 'node:net'
import { Client, type ClientConfig } from 'pg'
import type { PostgreSqlAddress } from '../../../lib/protocol/stores.ts'
import type { StoreSecret } from '../../../lib/protocol/stores.ts'
import { TaskFailure } from '../../copy/failure.ts'
import { guardedSocket } from '../../host-policy.ts'
import { ReusingSocket } from './reusing-socket.ts'

/** How long the TCP, TLS and login handshake together may take: above a WAN's worst, below a person's patience. */
const connectTimeoutMs = 15_000

/**
 * Settings under which the text form of every value is unambiguous and the same on all servers. `extra_float_digits` 3 is
 * pg_dump's choice; an empty search path makes the server write every name with its schema.
 */
const sessionSettings =
  "SET search_path = pg_catalog; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'; " +
  "SET extra_float_digits = 3; SET bytea_output = 'hex'; SET xmloption = 'content'; SET lc_monetary = 'C'; " +
  "SET array_nulls = on; SET default_transaction_isolation = 'read committed'; " +
  'SET standard_conforming_strings = on; SET statement_timeout = 0; SET lock_timeout = 0; ' +
  'SET idle_in_transaction_session_timeout = 0; SET row_security = on; ' +
  // Unknown to older servers (PostgreSQL 14 and 17 brought them), which would refuse a plain SET.
  "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'transaction_timeout'); " +
  // A statement that waits or computes does not see otherwise that its task was stopped; not every platform can look.
  "SELECT set_config(name, '5s', false) FROM pg_settings WHERE name = 'client_connection_check_interval' AND version() ~ 'linux'"

export type PostgresLogin = {
  address: PostgreSqlAddress
  secret: StoreSecret | null
  /** Of the node's own configuration. */
  allowedHosts: readonly string[]
  applicationName: string
}

/** A connected client with the engine's session settings. The caller ends it. */
export async function connectPostgres(login: PostgresLogin, signal?: AbortSignal): Promise<Client> {
  signal?.throwIfAborted()
  const client = new Client(clientConfig(login))
  client.on('error', () => {}) // a cut between two statements is reported by the next one
  const abort = () => void client.end().catch(() => {})
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await client.connect()
    await client.query(sessionSettings)
    return client
  } catch (error) {
    client.end().catch(() => {})
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

function clientConfig({ address, secret, applicationName, allowedHosts }: PostgresLogin): ClientConfig {
  if (secret && secret.kind !== 'password')
    throw new TaskFailure('credential_unavailable', 'the credential of this linked service is not a password')
  return {
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.username,
    password: secret?.password ?? '',
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    client_encoding: 'UTF8',
    // TLS wraps the socket and allocates by itself.
    stream: () =>
      guardedSocket(
        address,
        allowedHosts,
        address.sslMode === 'disable' ? new ReusingSocket() : new Socket(),
      ),
    ssl: address.sslMode === 'disable' ? false : { rejectUnauthorized: address.sslMode === 'verify-full' },
  }
}
