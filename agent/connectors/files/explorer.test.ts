import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TaskContext } from '../../copy/task-context.ts'
import { type BlobEmulator, emulatorAccount, startBlobEmulator } from '../../testing/blob-emulator.ts'
import { storeRef } from '../../testing/copy-harness.ts'
import {
  blobStoreRef,
  createTestFolder,
  fileContext,
  openDuckDb,
  type TestFolder,
} from '../../testing/file-ends.ts'
import type { OpenStore } from '../connector.ts'
import { explorerFor } from '../registry.ts'

let folder: TestFolder
let emulator: BlobEmulator
let ctx: TaskContext

beforeAll(async () => {
  folder = await createTestFolder()
  emulator = await startBlobEmulator()
  ctx = fileContext([folder])
  await mkdir(join(folder.path, 'lake'))
  await writeFile(join(folder.path, 'lake/a.csv'), 'id,"the ""name"""\n1,x\n2,\n3,""\n')
  await writeFile(join(folder.path, 'lake/b.jsonl'), '{"id":1,"tags":["x"]}\n{"id":2,"more":null}\n')
  const duck = await openDuckDb()
  await duck.run(`COPY (SELECT i::INTEGER AS id, (i / 8)::DECIMAL(5,2) AS part, 'n' || i AS name, TIMESTAMP '2024-01-01' AS at,
    [i, NULL]::INTEGER[] AS list, NULL::DATE AS day FROM range(5000) AS t(i)) TO '${join(folder.path, 'lake/c.parquet')}' (FORMAT parquet)`)
})
afterAll(async () => {
  await folder.remove()
  await emulator.stop()
})

function openFolder(): OpenStore {
  const { address } = folder.store
  return {
    name: 'share',
    address,
    secret: null,
    allowedFolders: [folder.path],
    allowedHosts: [],
    signal: new AbortController().signal,
  }
}

function openAccount(): OpenStore {
  const { accountKey } = emulatorAccount
  const secret = { kind: 'accountKey', accountKey } as const
  return {
    name: 'lake',
    address: emulator.address,
    secret,
    allowedFolders: [],
    allowedHosts: [],
    signal: new AbortController().signal,
  }
}

function file(path: string, format: 'csv' | 'jsonl' | 'parquet') {
  return { kind: 'file', path, format } as const
}

describe('exploring a folder', () => {
  const explorer = explorerFor('FileServer')

  it('tests policy and permission, and names the step that fails', async () => {
    const good = await explorer.testConnection(folder.store, ctx)
    expect(good.steps.map(({ step, ok }) => [step, ok])).toEqual([
      ['policy', true],
      ['permission', true],
    ])
    const bad = await explorer.testConnection(storeRef({ type: 'FileServer', host: '/etc' }), ctx)
    expect(bad).toMatchObject({ ok: false, steps: [{ step: 'policy', ok: false }] })
    const missing = join(folder.path, 'nowhere')
    expect(await explorer.testConnection(storeRef({ type: 'FileServer', host: missing }), ctx)).toMatchObject(
      {
        ok: false,
        steps: [
          { step: 'policy', ok: true },
          { step: 'permission', ok: false, detail: expect.stringContaining(`(${missing}): does not exist.`) },
        ],
      },
    )
  })

  it('browses folders and files', async () => {
    expect(await explorer.browse(openFolder(), { path: [] })).toEqual({
      items: [{ name: 'lake', kind: 'folder' }],
      truncated: false,
    })
    const { items } = await explorer.browse(openFolder(), { path: ['lake'], filter: 'C' })
    expect(items.map(({ name }) => name)).toEqual(['a.csv', 'c.parquet'])
  })

  it('describes and previews Parquet with PostgreSQL types', async () => {
    const item = file('lake/c.parquet', 'parquet')
    const { columns, estimatedRows } = await explorer.describe(openFolder(), item)
    expect(estimatedRows).toBe('5000')
    expect(columns.map(({ type }) => type)).toEqual([
      'integer',
      'numeric(5,2)',
      'text',
      'timestamp without time zone',
      'integer[]',
      'date',
    ])
    const { rows } = await explorer.preview(openFolder(), { item, limit: 3 })
    expect(rows).toEqual([
      ['0', '0.00', 'n0', '2024-01-01 00:00:00', '{0,NULL}', null],
      ['1', '0.13', 'n1', '2024-01-01 00:00:00', '{1,NULL}', null],
      ['2', '0.25', 'n2', '2024-01-01 00:00:00', '{2,NULL}', null],
    ])
  })

  it('previews CSV and JSON lines, with NULL apart from the empty string', async () => {
    const csv = await explorer.preview(openFolder(), { item: file('lake/a.csv', 'csv'), limit: 10 })
    expect(csv.columns.map(({ name }) => name)).toEqual(['id', 'the "name"'])
    expect(csv.rows).toEqual([
      ['1', 'x'],
      ['2', null],
      ['3', ''],
    ])
    const jsonl = await explorer.preview(openFolder(), { item: file('lake/b.jsonl', 'jsonl'), limit: 10 })
    expect(jsonl.columns.map(({ name }) => name)).toEqual(['id', 'tags', 'more'])
    expect(jsonl.rows).toEqual([
      ['1', '["x"]', null],
      ['2', null, null],
    ])
  })

  it('names and types the columns of text as a copy finds them', async () => {
    await writeFile(join(folder.path, 'lake/plain.csv'), '1;x\n2;y\n')
    await writeFile(
      join(folder.path, 'lake/late.jsonl'),
      '{"id":12345678901234567890123}\n{"id":2,"at":{"x":1},"ok":true}\n',
    )
    try {
      const csv = { delimiter: ';', quote: '"', header: false, nullText: '' }
      const plain = { ...file('lake/plain.csv', 'csv'), csv }
      const { columns } = await explorer.describe(openFolder(), plain)
      expect(columns.map(({ name }) => name)).toEqual(['Prop_0', 'Prop_1'])
      const { rows } = await explorer.preview(openFolder(), { item: plain, limit: 5 })
      expect(rows).toEqual([
        ['1', 'x'],
        ['2', 'y'],
      ])
      const late = file('lake/late.jsonl', 'jsonl')
      expect((await explorer.describe(openFolder(), late)).columns).toMatchObject([
        { name: 'id', type: 'numeric' },
        { name: 'at', type: 'jsonb' },
        { name: 'ok', type: 'boolean' },
      ])
      expect((await explorer.preview(openFolder(), { item: late, limit: 5 })).rows).toEqual([
        ['12345678901234567890123', null, null],
        ['2', '{"x":1}', 'true'],
      ])
    } finally {
      await rm(join(folder.path, 'lake/plain.csv'))
      await rm(join(folder.path, 'lake/late.jsonl'))
    }
  })

  it('says what is missing', async () => {
    const gone = explorer.describe(openFolder(), file('lake/none.csv', 'csv'))
    await expect(gone).rejects.toMatchObject({ code: 'not_found' })
    const out = explorer.browse(openFolder(), { path: ['..'] })
    await expect(out).rejects.toMatchObject({ code: 'policy_denied' })
  })
})

describe('exploring a storage account', () => {
  const explorer = explorerFor('AzureBlobStorage')

  it('tests from the policy to the login', async () => {
    const result = await explorer.testConnection(blobStoreRef(emulator.address), ctx)
    expect(result.steps.map(({ step, ok }) => [step, ok])).toEqual([
      ['policy', true],
      ['credential', true],
      ['tcp', true],
      ['login', true],
    ])
    const nobody = { ...emulator.address, serviceEndpoint: 'http://127.0.0.1:9/devstoreaccount1' }
    const refused = await explorer.testConnection(blobStoreRef(nobody), ctx)
    expect(refused.steps.at(-1)).toMatchObject({ step: 'tcp', ok: false })
  })

  it('asks no account at a host that the node does not allow', async () => {
    const strict = { ...ctx, allowedHosts: ['*.blob.core.windows.net'] }
    const refused = await explorer.testConnection(blobStoreRef(emulator.address), strict)
    expect(refused.steps).toMatchObject([{ step: 'policy', ok: false }])
    const store = { ...openAccount(), allowedHosts: strict.allowedHosts }
    await expect(explorer.browse(store, { path: [] })).rejects.toMatchObject({ code: 'policy_denied' })
  })

  it('browses containers, folders and blobs, and previews one', async () => {
    const credential = new StorageSharedKeyCredential(emulatorAccount.accountName, emulatorAccount.accountKey)
    const container = new BlobServiceClient(emulator.address.serviceEndpoint, credential).getContainerClient(
      'raw',
    )
    await container.create()
    await container.getBlockBlobClient('day 1/a.csv').uploadData(Buffer.from('a;b\n1;2\n'))
    expect((await explorer.browse(openAccount(), { path: [] })).items).toEqual([
      { name: 'raw', kind: 'container' },
    ])
    expect((await explorer.browse(openAccount(), { path: ['raw'] })).items).toEqual([
      { name: 'day 1', kind: 'folder' },
    ])
    const { items } = await explorer.browse(openAccount(), { path: ['raw', 'day 1'] })
    expect(items).toMatchObject([{ name: 'a.csv', kind: 'file', sizeBytes: '8' }])
    const csv = { delimiter: ';', quote: '"', header: true, nullText: '' }
    const item = { kind: 'file', container: 'raw', path: 'day 1/a.csv', format: 'csv', csv } as const
    expect((await explorer.preview(openAccount(), { item, limit: 5 })).rows).toEqual([['1', '2']])
  })
})
