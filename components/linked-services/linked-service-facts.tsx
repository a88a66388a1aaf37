import Link from 'next/link'
import { Facts } from '@/components/ui/panel'
import { StoreKind } from '@/components/stores/store-kind'
import { Time } from '@/components/ui/time'
import type { LinkedService } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'
import type { StoreAddress } from '@/lib/protocol/stores'
import type { ReactNode } from 'react'

type LinkedServiceFactsProps = { factory: string; linkedService: LinkedService }

/** Where the store is, who signs in, and through which runtime. */
export function LinkedServiceFacts({ factory, linkedService }: LinkedServiceFactsProps) {
  const { type, address, runtimeName, definition, updatedAt } = linkedService
  return (
    <Facts
      rows={[
        ['Kind', <StoreKind key="kind" type={type} />],
        ...addressFacts(address),
        [
          'Runtime',
          <Link
            key="runtime"
            className="text-accent-text hover:underline"
            href={paths.runtime(factory, runtimeName)}
          >
            {runtimeName}
          </Link>,
        ],
        ...(definition.description ? ([['Description', definition.description]] as const) : []),
        ['Changed', <Time key="changed" value={updatedAt} />],
      ]}
    />
  )
}

const sslModes = {
  disable: 'not encrypted',
  require: 'encrypted, certificate not checked',
  'verify-full': 'encrypted, certificate and host name checked',
} as const

function addressFacts(address: StoreAddress): (readonly [string, ReactNode])[] {
  if (address.type === 'PostgreSql')
    return [
      ['Host', `${address.host}:${address.port}`],
      ['Database', address.database],
      ['User name', address.username],
      ['Encryption', sslModes[address.sslMode]],
    ]
  if (address.type === 'AzureBlobStorage')
    return [
      ['Endpoint', address.serviceEndpoint],
      ['Account name', address.accountName],
      [
        'Sign in with',
        address.authenticationType === 'AccountKey' ? 'account key' : 'shared access signature',
      ],
    ]
  return [['Folder', address.host]]
}
