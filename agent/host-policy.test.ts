import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { StoreAddress } from '../lib/protocol/stores.ts'
import { guardedLookup, guardedSocket, requireAllowedStore } from './host-policy.ts'
import { parseHostRule } from './host-rule.ts'

const postgres = (host: string): StoreAddress => ({
  type: 'PostgreSql',
  host,
  port: 80,
  database: 'd',
  username: 'u',
  sslMode: 'disable',
})
const blob = (serviceEndpoint: string): StoreAddress => ({
  type: 'AzureBlobStorage',
  serviceEndpoint,
  authenticationType: 'AccountKey',
  accountName: 'a',
})
const check = (address: StoreAddress, resolved: string[] = [], allowed: string[] = []) =>
  requireAllowedStore(
    {
      linkedServiceId: randomUUID(),
      linkedServiceName: 'lake',
      runtimeId: randomUUID(),
      address,
      credentialVersion: 1,
    },
    allowed,
    async () => resolved,
  )

test.each([
  ['the metadata address', postgres('169.254.169.254'), []],
  ['one of its neighbours', blob('http://169.254.170.2/creds'), []],
  ['the metadata address of IPv6', blob('http://[fd00:ec2::254]/latest'), []],
  ['the pod identity address of IPv6', blob('http://[fd00:ec2::23]/v1/credentials'), []],
  ['the metadata address of IPv6 on another cloud', blob('http://[fd20:ce::254]/'), []],
  ['a link-local address of IPv6', postgres('fe80::1'), []],
  ['the metadata address in the clothes of IPv6', postgres('::ffff:169.254.169.254'), []],
  ['a name that leads there', postgres('innocent.example.com'), ['10.0.0.4', '169.254.169.254']],
])('requireAllowedStore() refuses %s', async (_, address, resolved) => {
  await expect(check(address, resolved)).rejects.toMatchObject({ code: 'policy_denied' })
})

test.each([
  ['a private address', postgres('10.0.0.4'), []],
  ['this machine', blob('http://127.0.0.1:10000/devstoreaccount1'), []],
  ['a public name', blob('https://lake.blob.core.windows.net'), ['20.60.1.1']],
  ['a name that nobody knows, which the connection will report', postgres('nowhere.invalid'), []],
  ['a folder', { type: 'FileServer' as const, host: '/srv' }, []],
])('requireAllowedStore() lets %s pass', async (_, address, resolved) => {
  await expect(check(address, resolved)).resolves.toBeUndefined()
})

test.each([
  ['db.example.com', 'name'],
  ['*.corp.example.com', 'name'],
  ['DB_1:5432', 'name'],
  ['10.1.2.3', 'range'],
  ['10.0.0.0/8', 'range'],
  ['10.0.0.0/8:5432', 'range'],
  ['fd12::/16', 'range'],
  ['[fd12::1]:5432', 'range'],
])('parseHostRule() reads %s as a %s', (text, kind) => {
  expect(parseHostRule(text)?.kind).toBe(kind)
})

test.each([
  '',
  '*',
  '*.',
  'a b',
  'https://db',
  'db:0',
  'db:70000',
  '10.0.0.0/33',
  '10.0.0.0/',
  '300.1.1.1',
  'fd12::/129',
])('parseHostRule() does not take "%s"', (text) => {
  expect(parseHostRule(text)).toBeNull()
})

const store = { ...postgres('db.corp.example.com'), port: 5432 }
test.each<[string, StoreAddress, string[], string[]]>([
  ['a name', store, ['203.0.113.5'], ['db.corp.example.com']],
  ['a name with its port', store, ['203.0.113.5'], ['DB.corp.example.com:5432']],
  ['a suffix', store, ['203.0.113.5'], ['*.example.com']],
  ['a range that holds every address', store, ['10.1.0.1', 'fd12::7'], ['10.0.0.0/8', 'fd12::/16']],
  ['an IPv4 address in the clothes of IPv6', store, ['::ffff:10.1.0.1'], ['10.0.0.0/8:5432']],
  ['an address', postgres('10.1.0.1'), [], ['10.1.0.1']],
  ['the port of a URL', blob('https://lake.example.com'), [], ['lake.example.com:443']],
  ['a name that may still turn out to lie in a range', store, [], ['10.0.0.0/8']],
])('an allowed host lets pass: %s', async (_, ...given) => {
  await expect(check(...given)).resolves.toBeUndefined()
})

test.each<[string, StoreAddress, string[], string[]]>([
  ['another name', store, ['203.0.113.5'], ['db2.corp.example.com']],
  ['another port', store, ['203.0.113.5'], ['db.corp.example.com:5433']],
  ['a suffix that is not a label', store, ['203.0.113.5'], ['*.ample.com']],
  ['the suffix itself', postgres('example.com'), ['203.0.113.5'], ['*.example.com']],
  ['one address outside', store, ['10.1.0.1', '203.0.113.5'], ['10.0.0.0/8']],
  ['an address that a name rule cannot know', postgres('203.0.113.5'), [], ['*.example.com']],
  ['a name nobody knows, where only names are allowed', store, [], ['other.example.com']],
  ['a metadata address, whatever the rules say', postgres('169.254.169.254'), [], ['0.0.0.0/0']],
  ['a metadata address behind an allowed name', store, ['169.254.169.254'], ['db.corp.example.com']],
  ['the metadata address behind NAT64', postgres('64:ff9b::a9fe:a9fe'), [], []],
  ['a socket file', postgres('/var/run/postgresql'), [], []],
])('an allowed host does not let pass: %s', async (_, ...given) => {
  await expect(check(...given)).rejects.toMatchObject({ code: 'policy_denied' })
})

test('a refusal names host, address, port and the command that allows it', async () => {
  await expect(check(store, ['203.0.113.5'], ['10.0.0.0/8'])).rejects.toThrow(
    /db\.corp\.example\.com \(203\.0\.113\.5\) on port 5432.*configure --allow-host db\.corp\.example\.com:5432/,
  )
})

const resolving = (allowed: string[], all: boolean) =>
  new Promise((resolve, reject) => {
    const lookup = guardedLookup({ host: 'localhost', port: 80 }, allowed)
    lookup('localhost', { all, family: 4 }, (error, found) => (error ? reject(error) : resolve(found)))
  })

test('guardedLookup() checks the very addresses that are dialled', async () => {
  expect(await resolving(['127.0.0.0/8'], true)).toEqual([{ address: '127.0.0.1', family: 4 }])
  expect(await resolving([], false)).toBe('127.0.0.1')
  await expect(resolving(['10.0.0.0/8'], true)).rejects.toMatchObject({ code: 'policy_denied' })
  expect(() => guardedLookup({ host: '10.0.0.4', port: 80 }, ['192.168.0.0/16'])).toThrow(
    /10\.0\.0\.4 on port 80/,
  )
})

test('guardedSocket() connects where it was meant to, and nowhere else', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const target = { host: 'localhost', port }
  const socket = guardedSocket(target, ['127.0.0.0/8', '::1'], new Socket())
  socket.connect('/var/run/postgresql/.s.PGSQL.5432')
  await once(socket, 'connect')
  expect(socket.remotePort).toBe(port)
  socket.destroy()
  const denied = guardedSocket(target, ['10.0.0.0/8'], new Socket())
  denied.connect(port, 'localhost')
  await expect(once(denied, 'connect')).rejects.toMatchObject({ code: 'policy_denied' })
  server.close()
})
