import { desc, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { linkedServices } from '@/drizzle/schema/authoring'
import { runtimes } from '@/drizzle/schema/runtimes'
import { testDatabase } from '@/lib/db/test-database'
import { aFactory, aRuntime, aTenant, aUser } from '@/lib/db/test-fixtures'
import { storeAddress } from '@/lib/linked-services/address'
import { saveLinkedService } from '@/lib/linked-services/save'
import { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import type { Role } from '@/lib/permissions'
import { credentialContext, generateVaultKeyPair, padSecret, seal } from '@/lib/protocol/sealing'

const database = testDatabase()
let world: Awaited<ReturnType<typeof makeWorld>>
beforeEach(async () => {
  world = await makeWorld()
})

async function makeWorld() {
  const { db } = database
  const tenantId = await aTenant(db)
  const factory = await aFactory(db, tenantId)
  const vault = await generateVaultKeyPair()
  const runtime = await aRuntime(db, factory, { vaultGeneration: 1, vaultPublicKey: vault.publicKey })
  const as = async (role: Role | null) => ({ actor: await aUser(db, tenantId, role), db })
  return { db, factory, vault, runtime, owner: await as('Owner'), as }
}

function postgresql(changes: Record<string, unknown> = {}) {
  const address = { server: 'db.example.com', port: 5432, database: 'sales', username: 'reader' }
  return LinkedServiceDefinition.parse({
    type: 'PostgreSqlV2',
    connectVia: { referenceName: world.runtime.name, type: 'IntegrationRuntimeReference' },
    typeProperties: { ...address, ...changes },
  })
}

/** As the browser does it. */
async function sealFor(definition: LinkedServiceDefinition, linkedServiceId: string, version = 1) {
  const context = { runtimeId: world.runtime.id, linkedServiceId, version, address: storeAddress(definition) }
  const sealed = await seal(
    { publicKey: world.vault.publicKey, purpose: 'credential' },
    credentialContext(context),
    padSecret(JSON.stringify({ kind: 'password', password: 'canary-7f3a' })),
  )
  return { linkedServiceId, version, generation: 1, ...sealed }
}

async function input(changes: Record<string, unknown> = {}) {
  const linkedServiceId = crypto.randomUUID()
  const definition = postgresql()
  const sealed = await sealFor(definition, linkedServiceId)
  return { factoryId: world.factory.id, linkedServiceId, name: 'orders-db', definition, sealed, ...changes }
}

async function vaultVersion(runtimeId = world.runtime.id) {
  const [row] = await world.db.select().from(runtimes).where(eq(runtimes.id, runtimeId))
  return row?.vaultVersion
}

describe('saveLinkedService()', () => {
  test('stores address and sealed credential, bumps the vault, and writes one audit row without the ciphertext', async () => {
    const request = await input()
    const saved = await saveLinkedService(world.owner, request)
    expect(saved).toEqual({
      linkedServiceId: request.linkedServiceId,
      name: 'orders-db',
      credentialVersion: 1,
    })
    const [row] = await world.db
      .select()
      .from(linkedServices)
      .where(eq(linkedServices.id, request.linkedServiceId))
    expect(row).toMatchObject({
      type: 'PostgreSql',
      address: storeAddress(postgresql()),
      credentialVersion: 1,
      sealedCredential: request.sealed,
      vaultVersion: 1,
    })
    expect(row?.definition.typeProperties).toMatchObject({
      encryptedCredential: `sealed for the nodes of ${world.runtime.name}, version 1`,
    })
    expect(await vaultVersion()).toBe(1)
    const [audit] = await world.db.select().from(auditLog).orderBy(desc(auditLog.seq)).limit(1)
    expect(audit).toMatchObject({
      action: 'linkedService.created',
      entityName: 'orders-db',
      factoryId: world.factory.id,
    })
    expect(JSON.stringify(audit)).not.toContain(request.sealed.ciphertext)
  })

  test('drops what a pasted definition says about credentials', async () => {
    const request = await input({
      definition: postgresql({ encryptedCredential: 'canary', password: 'canary' }),
    })
    await saveLinkedService(world.owner, request)
    const rows = await world.db.select().from(linkedServices)
    expect(JSON.stringify(rows)).not.toContain('canary')
  })

  test('keeps the credential where only the description changes, without bothering the nodes', async () => {
    const request = await input()
    await saveLinkedService(world.owner, request)
    const { sealed: _sealed, ...unsealed } = request
    const definition = { ...request.definition, description: 'Orders of the plant' }
    const saved = await saveLinkedService(world.owner, { ...unsealed, definition })
    expect(saved.credentialVersion).toBe(1)
    expect(await vaultVersion()).toBe(1)
  })

  test('does not overwrite what somebody else has changed', async () => {
    const request = await input()
    await saveLinkedService(world.owner, request)
    const [row] = await world.db.select().from(linkedServices)
    if (!row) throw new Error('It was saved')
    const { sealed: _sealed, ...edit } = { ...request, basedOn: row.updatedAt.toISOString() }
    await saveLinkedService(world.owner, edit)
    await world.db.update(linkedServices).set({ updatedAt: new Date(row.updatedAt.getTime() + 1000) })
    await expect(saveLinkedService(world.owner, edit)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Somebody else has changed the linked service "orders-db"'),
    })
  })

  test('takes a new secret as the next version', async () => {
    const request = await input()
    await saveLinkedService(world.owner, request)
    const sealed = await sealFor(request.definition, request.linkedServiceId, 2)
    expect(await saveLinkedService(world.owner, { ...request, sealed })).toMatchObject({
      credentialVersion: 2,
    })
    expect(await vaultVersion()).toBe(2)
  })

  test.each([
    [{ server: 'evil.example.com' }, 'host'],
    [{ port: 5433, username: 'admin' }, 'port and the user name'],
  ])('wants the secret again for a changed address %j', async (change, named) => {
    const { sealed: _sealed, ...request } = await input()
    await saveLinkedService(world.owner, { ...request, sealed: _sealed })
    await expect(
      saveLinkedService(world.owner, { ...request, definition: postgresql(change) }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      fields: {
        secret: [`The secret is bound to the address, and the ${named} changed: enter the password again`],
      },
    })
  })

  test('wants the secret again on another runtime, whose nodes then pull', async () => {
    const { db, factory, owner } = world
    const other = await aRuntime(db, factory, { vaultGeneration: 1, vaultPublicKey: world.vault.publicKey })
    const { sealed, ...request } = await input()
    await saveLinkedService(owner, { ...request, sealed })
    const connectVia = { referenceName: other.name, type: 'IntegrationRuntimeReference' as const }
    const moved = { ...request, definition: { ...request.definition, connectVia } }
    await expect(saveLinkedService(owner, moved)).rejects.toMatchObject({
      fields: { secret: [expect.stringContaining('Another integration runtime has another vault')] },
    })
    const again = await sealFor(moved.definition, request.linkedServiceId, 2)
    await saveLinkedService(owner, { ...moved, sealed: again })
    expect(await vaultVersion(other.id)).toBe(1)
    expect(await vaultVersion()).toBe(2)
  })

  test('refuses a secret for an older vault, another version or another linked service', async () => {
    const request = await input()
    const save = (sealed: object) => saveLinkedService(world.owner, { ...request, sealed })
    await expect(save({ ...request.sealed, generation: 2 })).rejects.toMatchObject({ code: 'conflict' })
    await expect(save({ ...request.sealed, version: 2 })).rejects.toMatchObject({ code: 'conflict' })
    await expect(save({ ...request.sealed, linkedServiceId: world.factory.id })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  test('says to register a node while the runtime has no vault', async () => {
    await world.db.update(runtimes).set({ vaultGeneration: 0, vaultPublicKey: null })
    await expect(saveLinkedService(world.owner, await input())).rejects.toThrow('register its first node')
  })

  test('asks for the secret at its field', async () => {
    const { sealed: _sealed, ...request } = await input()
    await expect(saveLinkedService(world.owner, request)).rejects.toMatchObject({
      fields: { secret: ['Enter the password'] },
    })
  })

  test('needs no secret and no vault for a folder on the node', async () => {
    await world.db.update(runtimes).set({ vaultGeneration: 0, vaultPublicKey: null })
    const definition = LinkedServiceDefinition.parse({
      type: 'FileServer',
      connectVia: postgresql().connectVia,
      typeProperties: { host: '/srv/exports' },
    })
    const { sealed: _sealed, ...request } = await input({ definition })
    expect(await saveLinkedService(world.owner, request)).toMatchObject({ credentialVersion: 0 })
  })

  test('puts errors at their fields: taken name, unknown runtime, empty host', async () => {
    await saveLinkedService(world.owner, await input())
    await expect(saveLinkedService(world.owner, await input({ name: 'Orders-DB' }))).rejects.toMatchObject({
      code: 'conflict',
      fields: { name: ['A linked service with this name exists already in this factory'] },
    })
    const elsewhere = { referenceName: 'nowhere', type: 'IntegrationRuntimeReference' }
    await expect(
      saveLinkedService(world.owner, await input({ definition: { ...postgresql(), connectVia: elsewhere } })),
    ).rejects.toMatchObject({ fields: { 'definition.connectVia.referenceName': [expect.any(String)] } })
    const typeProperties = { ...postgresql().typeProperties, server: ' ' }
    await expect(
      saveLinkedService(world.owner, await input({ definition: { ...postgresql(), typeProperties } })),
    ).rejects.toMatchObject({
      fields: { 'definition.typeProperties.server': ['Enter the host name or address'] },
    })
  })

  test('keeps name and type once it exists', async () => {
    const request = await input()
    await saveLinkedService(world.owner, request)
    await expect(saveLinkedService(world.owner, { ...request, name: 'other' })).rejects.toMatchObject({
      fields: { name: ['Datasets name it: it stays "orders-db"'] },
    })
  })

  test('is for contributors, and another tenant sees no factory', async () => {
    await expect(saveLinkedService(await world.as('Operator'), await input())).rejects.toMatchObject({
      code: 'forbidden',
    })
    const stranger = { actor: await aUser(world.db, await aTenant(world.db), 'Owner'), db: world.db }
    await expect(saveLinkedService(stranger, await input())).rejects.toMatchObject({ code: 'not_found' })
  })
})
