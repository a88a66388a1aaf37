import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { StoreAddress } from '../lib/protocol/stores.ts'
import { requireAllowedStore } from './store-policy.ts'

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
const check = (address: StoreAddress, resolved: string[] = []) =>
  requireAllowedStore(
    {
      linkedServiceId: randomUUID(),
      linkedServiceName: 'lake',
      runtimeId: randomUUID(),
      address,
      credentialVersion: 1,
    },
    async () => resolved,
  )

test.each([
  ['the metadata address', postgres('169.254.169.254'), []],
  ['one of its neighbours', blob('http://169.254.170.2/creds'), []],
  ['the metadata address of IPv6', blob('http://[fd00:ec2::254]/latest'), []],
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
