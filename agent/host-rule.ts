import { BlockList, isIP } from 'node:net'

/** One `--allow-host`: a name or `*.suffix`, or an address or a range (CIDR), each with or without a port. */
export type HostRule = {
  kind: 'name' | 'range'
  /** Of a name: the host as it was asked for. Of a range: an address. */
  matches: (value: string) => boolean
  /** Null: any. */
  port: number | null
}

const namePattern = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/

export const hostRuleWords =
  'must be a host name, *.suffix, address or range (10.0.0.0/8), with or without a port (db.example.com:5432)'

export function isHostRule(text: string): boolean {
  return parseHostRule(text) !== null
}

/** Null for what is no rule. */
export function parseHostRule(text: string): HostRule | null {
  const parts = splitPort(text.trim().toLowerCase())
  if (!parts) return null
  const { host, port } = parts
  const holds = addressMatcher(host)
  if (holds) return { kind: 'range', matches: holds, port }
  if (!namePattern.test(host) || /^[\d.]+$/.test(host)) return null
  const suffix = host.startsWith('*.') ? host.slice(1) : null
  const matches = (asked: string) => (suffix === null ? asked === host : asked.endsWith(suffix))
  return { kind: 'name', matches, port }
}

/** `[v6]:port`, `host:port`, or either without a port; a bare IPv6 address has none. */
function splitPort(text: string): { host: string; port: number | null } | null {
  const bracketed = /^\[([^\]]+)\](\/\d+)?(?::(\d+))?$/.exec(text)
  const plain = /^([^:[\]]+)(?::(\d+))?$/.exec(text)
  const host = bracketed ? `${bracketed[1]}${bracketed[2] ?? ''}` : (plain?.[1] ?? text)
  const digits = bracketed ? bracketed[3] : plain?.[2]
  if (digits === undefined) return { host, port: null }
  const port = Number(digits)
  return port >= 1 && port <= 65_535 ? { host, port } : null
}

function addressMatcher(text: string): ((address: string) => boolean) | null {
  const [network = '', bits, ...rest] = text.split('/')
  const version = isIP(network)
  if (version === 0 || rest.length > 0) return null
  const family = version === 6 ? 'ipv6' : 'ipv4'
  const most = version === 6 ? 128 : 32
  const prefix = bits === undefined ? most : Number(bits)
  if (!/^\d{0,3}$/.test(bits ?? '') || bits === '' || prefix > most) return null
  const range = new BlockList()
  range.addSubnet(network, prefix, family)
  return (address) => isIn(range, address)
}

/** BlockList looks through IPv4 addresses that are mapped to IPv6. */
export function isIn(range: BlockList, address: string): boolean {
  return range.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
