import { datasets, linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { factories } from '@/drizzle/schema/factories'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { tenants, users } from '@/drizzle/schema/tenants'
import type { Db } from '@/lib/db/client'
import type { Actor, Role } from '@/lib/permissions'
import { usePortal } from '@/lib/portal'
import { storeTypes } from '@/lib/protocol/stores'
import { taskKinds } from '@/lib/protocol/task'
import { Secret } from '@/lib/secret'

/** Rows that tests begin from. Each makes what it is not given; names are unique per call. */
export type Fixture<Table extends { $inferInsert: object }> = Partial<Table['$inferInsert']>
type UserActor = Extract<Actor, { kind: 'user' }>

/** A portal of this process, for what reads its address and its keys. */
export function aPortal(): void {
  usePortal({
    publicUrl: 'https://portal.test:8443',
    caPem: null,
    fingerprint: 'ab'.repeat(32),
    serverKeyPin: Buffer.alloc(32, 7).toString('base64'),
    secretKey: new Secret(new Uint8Array(32).fill(9)),
  })
}

export async function aTenant(db: Db): Promise<string> {
  return first(await db.insert(tenants).values({ name: 'Harbour works' }).returning()).id
}

/** A user of the tenant as the session would give it, with a role in the whole tenant or none. */
export async function aUser(db: Db, tenantId: string, role: Role | null): Promise<UserActor> {
  const email = `${unique('user')}@example.com`
  const user = first(
    await db.insert(users).values({ tenantId, email, name: email, passwordHash: 'none' }).returning(),
  )
  const sessionId = crypto.randomUUID()
  return {
    kind: 'user',
    userId: user.id,
    name: user.name,
    email,
    tenantId,
    sessionId,
    tenantRole: role,
    factoryRoles: {},
  }
}

export async function aFactory(db: Db, tenantId: string, values: Fixture<typeof factories> = {}) {
  return first(
    await db
      .insert(factories)
      .values({ name: unique('factory'), ...values, tenantId })
      .returning(),
  )
}

export async function aRuntime(
  db: Db,
  factory: { id: string; tenantId: string },
  values: Fixture<typeof runtimes> = {},
) {
  const owner = { tenantId: factory.tenantId, factoryId: factory.id }
  return first(
    await db
      .insert(runtimes)
      .values({ name: unique('plant'), ...values, ...owner })
      .returning(),
  )
}

/** A node that polled just now, with every capability. */
export async function aNode(
  db: Db,
  runtime: { id: string; tenantId: string },
  values: Fixture<typeof nodes> = {},
) {
  const name = values.name ?? unique('node')
  const row = {
    name,
    displayName: name,
    signingKey: 's'.repeat(43),
    vaultKey: 'v'.repeat(43),
    vaultKeySignature: 'x',
    registeredVia: { by: 'authKey' as const, name: 'authKey1' },
    machine: {
      hostName: name,
      platform: 'linux',
      arch: 'x64',
      osRelease: '6.1',
      cpuCount: 2,
      memoryTotalBytes: '8589934592',
      agentVersion: '0.1.0',
      nodeVersion: '24.0.0',
      keyProtection: 'file' as const,
    },
    capabilities: { taskKinds: [...taskKinds], storeTypes: [...storeTypes] },
    lastPollAt: new Date(),
    lastSeenAt: new Date(),
    slotsTotal: 4,
    slotsFree: 4,
    interactiveFree: 4,
  }
  const owner = { tenantId: runtime.tenantId, runtimeId: runtime.id }
  return first(
    await db
      .insert(nodes)
      .values({ ...row, ...values, ...owner })
      .returning(),
  )
}

/** A PostgreSQL store with a sealed credential of version 1. */
export async function aLinkedService(
  db: Db,
  runtime: { id: string; tenantId: string; factoryId: string; name: string },
  values: Fixture<typeof linkedServices> = {},
) {
  const id = crypto.randomUUID()
  const address = { host: 'db.example.com', port: 5432, database: 'sales', username: 'reader' } as const
  const row = {
    id,
    name: unique('store'),
    type: 'PostgreSql' as const,
    address: { type: 'PostgreSql' as const, ...address, sslMode: 'require' as const },
    definition: {
      type: 'PostgreSqlV2' as const,
      connectVia: { referenceName: runtime.name, type: 'IntegrationRuntimeReference' as const },
      typeProperties: {
        server: address.host,
        port: address.port,
        database: address.database,
        username: address.username,
        authenticationType: 'Basic' as const,
        sslMode: 'require' as const,
      },
    },
    credentialVersion: 1,
    sealedCredential: { linkedServiceId: id, version: 1, generation: 1, enc: 'e', ciphertext: 'c' },
  }
  const owner = { tenantId: runtime.tenantId, factoryId: runtime.factoryId, runtimeId: runtime.id }
  return first(
    await db
      .insert(linkedServices)
      .values({ ...row, ...values, ...owner })
      .returning(),
  )
}

/** The table `public.orders` of a PostgreSQL store. */
export async function aDataset(
  db: Db,
  store: { id: string; tenantId: string; factoryId: string; name: string },
  values: Fixture<typeof datasets> = {},
) {
  const definition = {
    type: 'PostgreSqlV2Table' as const,
    linkedServiceName: { referenceName: store.name, type: 'LinkedServiceReference' as const },
    typeProperties: { schema: 'public', table: 'orders' },
  }
  const owner = { tenantId: store.tenantId, factoryId: store.factoryId, linkedServiceId: store.id }
  return first(
    await db
      .insert(datasets)
      .values({ name: unique('data'), definition, ...values, ...owner })
      .returning(),
  )
}

/** A pipeline with one copy from one dataset to another, both tables. */
export async function aPipeline(
  db: Db,
  between: { source: { name: string; tenantId: string; factoryId: string }; sink: { name: string } },
  values: Fixture<typeof pipelines> = {},
) {
  const definition = {
    activities: [
      {
        name: 'copy',
        type: 'Copy' as const,
        inputs: [reference(between.source)],
        outputs: [reference(between.sink)],
        typeProperties: {
          source: { type: 'PostgreSqlV2Source' as const },
          sink: {
            type: 'PostgreSqlV2Sink' as const,
            writeBehavior: 'insert' as const,
            tableOption: 'autoCreate' as const,
          },
          verification: 'stream' as const,
        },
      },
    ],
  }
  const owner = { tenantId: between.source.tenantId, factoryId: between.source.factoryId }
  return first(
    await db
      .insert(pipelines)
      .values({ name: unique('pipe'), definition, ...values, ...owner })
      .returning(),
  )
}

function reference({ name }: { name: string }) {
  return { referenceName: name, type: 'DatasetReference' as const }
}

export function unique(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`
}

/** The one row that an insert returned. */
export function first<Row>(rows: Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new Error('The insert returned no row')
  return row
}
