import type { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import type { StoreAddress, StoreSecret } from '@/lib/protocol/stores'
import { canonicalJson } from '@/lib/protocol/canonical-json'

/** What nodes connect to, out of the definition that people see; browser and server must agree on every byte of it. */
export function storeAddress(definition: LinkedServiceDefinition): StoreAddress {
  if (definition.type === 'PostgreSqlV2') {
    const { server, port, database, username, sslMode } = definition.typeProperties
    return { type: 'PostgreSql', host: server, port, database, username, sslMode }
  }
  if (definition.type === 'AzureBlobStorage') {
    const { serviceEndpoint, accountName, authenticationType } = definition.typeProperties
    const endpoint = serviceEndpoint.replace(/\/+$/, '')
    return { type: 'AzureBlobStorage', serviceEndpoint: endpoint, accountName, authenticationType }
  }
  return { type: 'FileServer', host: definition.typeProperties.host }
}

/** Which secret a store is opened with; null where it needs none. */
export function secretKindOf(address: StoreAddress): StoreSecret['kind'] | null {
  if (address.type === 'PostgreSql') return 'password'
  if (address.type === 'AzureBlobStorage')
    return address.authenticationType === 'AccountKey' ? 'accountKey' : 'sasToken'
  return null
}

/** How people call each kind of secret. */
export const secretNames = {
  password: 'password',
  accountKey: 'account key',
  sasToken: 'shared access signature',
} as const satisfies Record<StoreSecret['kind'], string>

const partNames: Record<string, string> = {
  type: 'type',
  host: 'host',
  port: 'port',
  database: 'database',
  username: 'user name',
  sslMode: 'SSL mode',
  serviceEndpoint: 'endpoint',
  accountName: 'account name',
  authenticationType: 'kind of authentication',
}

/** The parts of the address that differ, named for people; empty where a sealed credential still fits. */
export function changedAddressParts(before: StoreAddress, after: StoreAddress): string[] {
  if (before.type !== after.type) return ['type']
  const previous = new Map<string, unknown>(Object.entries(before))
  return Object.entries(after)
    .filter(([part, value]) => canonicalJson(previous.get(part)) !== canonicalJson(value))
    .map(([part]) => partNames[part] ?? part)
}

/** What moved the store away from its sealed credential; null where the credential still fits. */
export function whySecretAgain(
  before: { runtimeId: string; address: StoreAddress },
  after: { runtimeId: string; address: StoreAddress },
): string | null {
  if (before.runtimeId !== after.runtimeId) return 'Another integration runtime has another vault'
  const parts = changedAddressParts(before.address, after.address)
  if (parts.length === 0) return null
  return `The secret is bound to the address, and the ${parts.join(' and the ')} changed`
}

/** One line that says where a store is: `db.example.com:5432/sales`. */
export function describeAddress(address: StoreAddress): string {
  if (address.type === 'PostgreSql') return `${address.host}:${address.port}/${address.database}`
  if (address.type === 'AzureBlobStorage') return address.serviceEndpoint
  return address.host
}
