import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { StoreAddress, StoreRef } from '../lib/protocol/stores.ts'
import { TaskFailure } from './copy/failure.ts'

/**
 * Link-local addresses, among them the metadata services that hand a machine's cloud credentials to whoever asks
 * (169.254.169.254 and fd00:ec2::254): no store lives there, but a hacked portal would like to read them.
 */
const refused = new BlockList()
refused.addSubnet('169.254.0.0', 16, 'ipv4')
refused.addSubnet('fe80::', 10, 'ipv6')
refused.addAddress('fd00:ec2::254', 'ipv6')

type Resolve = (host: string) => Promise<string[]>

/** Before a credential is given out: throws `policy_denied` where the store's name or address leads to a refused one. */
export async function requireAllowedStore(store: StoreRef, resolve: Resolve = resolveHost): Promise<void> {
  const host = hostOf(store.address)
  if (host === null) return
  const addresses = isIP(host) ? [host] : await resolve(host)
  const bad = addresses.find(isRefused)
  if (bad === undefined) return
  throw new TaskFailure(
    'policy_denied',
    `Store “${store.linkedServiceName}”: this node refuses to connect to ${host} (${bad}), a link-local address where cloud metadata lives`,
  )
}

function hostOf(address: StoreAddress): string | null {
  if (address.type === 'PostgreSql') return address.host
  if (address.type === 'FileServer') return null
  return new URL(address.serviceEndpoint).hostname.replace(/^\[|\]$/g, '')
}

function isRefused(address: string): boolean {
  // BlockList looks through IPv4 addresses that are mapped to IPv6.
  return refused.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** A name that cannot be resolved is reported by whoever connects. */
async function resolveHost(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.map(({ address }) => address)
}
