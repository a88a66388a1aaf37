import { lookup as resolveName } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction, type Socket } from 'node:net'
import type { StoreAddress, StoreRef } from '../lib/protocol/stores.ts'
import { TaskFailure } from './copy/failure.ts'
import { type HostRule, isIn, parseHostRule } from './host-rule.ts'

/**
 * Link-local addresses and the other metadata services that hand a machine's cloud credentials to whoever asks: no store
 * lives there, but a hacked portal would like to read them. No rule opens them.
 */
const refused = new BlockList()
refused.addSubnet('169.254.0.0', 16, 'ipv4')
refused.addSubnet('fe80::', 10, 'ipv6')
// Of Amazon (metadata, pod identity, time and names lie in one range) and of Google.
refused.addSubnet('fd00:ec2::', 32, 'ipv6')
refused.addAddress('fd20:ce::254', 'ipv6')
// The same behind NAT64 (RFC 6052); then Azure's WireServer and Alibaba's metadata service.
refused.addSubnet('64:ff9b::169.254.0.0', 112, 'ipv6')
refused.addAddress('168.63.129.16', 'ipv4')
refused.addAddress('100.100.100.200', 'ipv4')

export type HostTarget = { host: string; port: number }
type Resolve = (host: string) => Promise<string[]>

/** Before a credential is given out: throws `policy_denied` where the store's name or an address behind it is not allowed. */
export async function requireAllowedStore(
  store: StoreRef,
  allowedHosts: readonly string[],
  resolve: Resolve = resolveHost,
): Promise<void> {
  const target = targetOf(store.address)
  if (target !== null) await allowTarget(target, allowedHosts, resolve)
}

/** The same of a host and a port; answers by which word of the configuration it is allowed. */
export async function allowTarget(
  { host: asked, port }: HostTarget,
  allowedHosts: readonly string[],
  resolve: Resolve = resolveHost,
): Promise<string> {
  const host = bare(asked)
  requireAllowedAddresses({ host, port }, isIP(host) ? [host] : await resolve(host), allowedHosts)
  return allowedHosts.length === 0
    ? 'the configuration of this node allows any host'
    : `${host}:${port} is among the hosts that the configuration of this node allows`
}

/**
 * The name resolution of a connection: every address that may be dialled is checked, so that a name which leads elsewhere a
 * moment later (DNS rebinding) helps nobody. Throws at once where the target is an address that is not allowed.
 */
export function guardedLookup(target: HostTarget, allowedHosts: readonly string[]): LookupFunction {
  const asked = { ...target, host: bare(target.host) }
  requireAllowedAddresses(asked, isIP(asked.host) ? [asked.host] : [], allowedHosts)
  return (name, options, callback) =>
    resolveName(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      try {
        requireAllowedAddresses(
          asked,
          found.map(({ address }) => address),
          allowedHosts,
        )
      } catch (denial) {
        return callback(denial as NodeJS.ErrnoException, [])
      }
      const [first] = found
      if (options.all || !first) return callback(null, found)
      return callback(null, first.address, first.family)
    })
}

/** A socket that connects to this target and to nothing else, whatever a driver tells it: names are resolved under guard. */
export function guardedSocket<Kind extends Socket>(
  target: HostTarget,
  allowedHosts: readonly string[],
  socket: Kind,
): Kind {
  const options = { host: target.host, port: target.port, lookup: guardedLookup(target, allowedHosts) }
  const connect = socket.connect.bind(socket)
  return Object.assign(socket, { connect: () => connect(options) })
}

function requireAllowedAddresses(
  { host, port }: HostTarget,
  addresses: readonly string[],
  allowedHosts: readonly string[],
): void {
  if (host.includes('/'))
    throw new TaskFailure('policy_denied', `“${host}” is a path on this node, not a host`, { side: 'node' })
  const bad = addresses.find((address) => isIn(refused, address))
  if (bad !== undefined)
    throw new TaskFailure(
      'policy_denied',
      `This node refuses to connect to ${host}${at(bad, host)}: it is a link-local or cloud metadata address, where no store lives`,
      { side: 'node' },
    )
  if (allowedHosts.length === 0) return
  const rules = allowedHosts
    .flatMap((text) => parseHostRule(text) ?? [])
    .filter((rule) => rule.port === null || rule.port === port)
  if (rules.some(({ kind, matches }) => kind === 'name' && matches(host))) return
  const outside = findOutside(host, addresses, rules)
  if (outside === undefined) return
  throw new TaskFailure(
    'policy_denied',
    `The configuration of this node does not allow ${host}${at(outside, host)} on port ${port}. To allow it, run on the node: node sallyport-agent.cjs configure --allow-host ${suggestion(host, port)}`,
    { side: 'node' },
  )
}

/** What no range holds. A name that was not resolved yet may still turn out to lie in one, if there is any. */
function findOutside(
  host: string,
  addresses: readonly string[],
  rules: readonly HostRule[],
): string | undefined {
  const ranges = rules.filter(({ kind }) => kind === 'range')
  if (addresses.length === 0) return ranges.length === 0 ? host : undefined
  return addresses.find((address) => !ranges.some(({ matches }) => matches(address)))
}

function at(address: string, host: string): string {
  return address === host ? '' : ` (${address})`
}

function suggestion(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function targetOf(address: StoreAddress): HostTarget | null {
  if (address.type === 'FileServer') return null
  if (address.type === 'PostgreSql') return address
  return urlTarget(address.serviceEndpoint)
}

/** Host and port that a URL leads to. */
export function urlTarget(url: string): HostTarget {
  const { hostname, port, protocol } = new URL(url)
  return { host: bare(hostname), port: Number(port || (protocol === 'https:' ? 443 : 80)) }
}

/** As rules and addresses are written: no brackets, no dot at the end, lower case. */
function bare(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

/** A name that cannot be resolved is reported by whoever connects. */
async function resolveHost(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.map(({ address }) => address)
}
