import { describe, expect, test } from 'vitest'
import {
  changedAddressParts,
  describeAddress,
  secretKindOf,
  storeAddress,
} from '@/lib/linked-services/address'
import { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import { credentialContext, generateVaultKeyPair, open, padSecret, seal } from '@/lib/protocol/sealing'
import { StoreAddress, StoreSecret } from '@/lib/protocol/stores'

const connectVia = { referenceName: 'plant-7', type: 'IntegrationRuntimeReference' }
const postgresql = LinkedServiceDefinition.parse({
  type: 'PostgreSqlV2',
  connectVia,
  typeProperties: { server: ' db.example.com ', port: '5433', database: 'sales', username: 'reader' },
})
const blob = LinkedServiceDefinition.parse({
  type: 'AzureBlobStorage',
  connectVia,
  typeProperties: {
    serviceEndpoint: 'http://127.0.0.1:10000/devstoreaccount1/',
    accountName: 'devstoreaccount1',
  },
})
const files = LinkedServiceDefinition.parse({
  type: 'FileServer',
  connectVia,
  typeProperties: { host: '/srv/exports' },
})

describe('storeAddress()', () => {
  test('takes what nodes connect to out of each kind of definition', () => {
    expect([postgresql, blob, files].map(storeAddress)).toEqual([
      {
        type: 'PostgreSql',
        host: 'db.example.com',
        port: 5433,
        database: 'sales',
        username: 'reader',
        sslMode: 'require',
      },
      {
        type: 'AzureBlobStorage',
        serviceEndpoint: 'http://127.0.0.1:10000/devstoreaccount1',
        accountName: 'devstoreaccount1',
        authenticationType: 'AccountKey',
      },
      { type: 'FileServer', host: '/srv/exports' },
    ])
  })

  test('gives addresses that the protocol accepts', () => {
    for (const definition of [postgresql, blob, files]) {
      const address = storeAddress(definition)
      expect(StoreAddress.parse(address)).toEqual(address)
    }
  })
})

test('secretKindOf() follows the kind of store and of authentication', () => {
  const sas = { ...storeAddress(blob), authenticationType: 'SasToken' } as StoreAddress
  expect([storeAddress(postgresql), storeAddress(blob), sas, storeAddress(files)].map(secretKindOf)).toEqual([
    'password',
    'accountKey',
    'sasToken',
    null,
  ])
})

test('changedAddressParts() names what a sealed credential no longer fits', () => {
  const before = storeAddress(postgresql)
  expect(changedAddressParts(before, { ...before })).toEqual([])
  expect(changedAddressParts(before, { ...before, port: 5432, username: 'writer' } as StoreAddress)).toEqual([
    'port',
    'user name',
  ])
  expect(changedAddressParts(before, storeAddress(files))).toEqual(['type'])
})

test('describeAddress() says where each kind of store is', () => {
  expect([postgresql, blob, files].map(storeAddress).map(describeAddress)).toEqual([
    'db.example.com:5433/sales',
    'http://127.0.0.1:10000/devstoreaccount1',
    '/srv/exports',
  ])
})

describe('a secret sealed for an address', () => {
  const runtimeId = '6f1c9f1e-8c62-4f43-9a3e-0d5f6a3b7c11'
  const linkedServiceId = 'b0a3f3f2-52d8-4f7e-9b7c-2c6a1f0d9e55'
  const secret: StoreSecret = { kind: 'password', password: 'pä$$"wörd' }

  async function sealed() {
    const vault = await generateVaultKeyPair()
    const context = { runtimeId, linkedServiceId, version: 3, address: storeAddress(postgresql) }
    const credential = await seal(
      { publicKey: vault.publicKey, purpose: 'credential' },
      credentialContext(context),
      padSecret(JSON.stringify(secret)),
    )
    const opened = (changes: Partial<typeof context>) =>
      open(
        { privateKey: vault.privateKey, purpose: 'credential' },
        credentialContext({ ...context, ...changes }),
        credential,
      )
    return { opened, context }
  }

  test('opens on a node that holds the vault key', async () => {
    const { opened } = await sealed()
    expect(StoreSecret.parse(JSON.parse(new TextDecoder().decode(await opened({}))))).toEqual(secret)
  })

  test.each([
    ['host', { host: 'evil.example.com' }],
    ['port', { port: 5432 }],
    ['database', { database: 'postgres' }],
    ['user', { username: 'postgres' }],
    ['SSL mode', { sslMode: 'disable' }],
  ])('does not open for a changed %s', async (_part, change) => {
    const { opened, context } = await sealed()
    await expect(opened({ address: { ...context.address, ...change } as StoreAddress })).rejects.toThrow()
  })

  test('does not open as another version, linked service or runtime', async () => {
    const { opened } = await sealed()
    await expect(opened({ version: 4 })).rejects.toThrow()
    await expect(opened({ linkedServiceId: runtimeId })).rejects.toThrow()
    await expect(opened({ runtimeId: linkedServiceId })).rejects.toThrow()
  })
})
