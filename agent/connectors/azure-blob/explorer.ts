import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect as connectTcp, isIP, type TcpNetConnectOpts } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { BrowseResult, TestConnectionResult } from '../../../lib/protocol/interactive.ts'
import { AzureBlobStorageAddress, type StoreRef } from '../../../lib/protocol/stores.ts'
import { failureFrom } from '../../copy/failure.ts'
import { openStore } from '../../copy/open-store.ts'
import type { TaskContext } from '../../copy/task-context.ts'
import { allowTarget, guardedLookup, urlTarget } from '../../host-policy.ts'
import { type ConnectionStep, runConnectionSteps } from '../connection-steps.ts'
import type { Explorer, OpenStore } from '../connector.ts'
import { cleanPath, nameOf, stagingFolder } from '../file-names.ts'
import { browseLimit, browseResult, describeFile, fileItem, previewOf } from '../files/explore-files.ts'
import { blobClient, openAzureBlob } from './azure-blob-store.ts'
import { apiVersion, type BlobClient } from './blob-client.ts'
import { listContainers, pages } from './list-blobs.ts'

/** A person waits: each network step gives up after this time. */
const stepTimeoutMs = 10_000

export const azureBlobExplorer: Explorer = {
  testConnection: testAccount,
  browse,
  describe: (store, item) =>
    explained(store, async () => describeFile(await openAzureBlob(store), fileItem(item))),
  preview: (store, { item, limit }) =>
    explained(store, async () => previewOf(await openAzureBlob(store), fileItem(item), limit)),
}

async function testAccount(
  ref: StoreRef,
  ctx: Pick<TaskContext, 'secretFor' | 'allowedFolders' | 'allowedHosts' | 'signal'>,
): Promise<TestConnectionResult> {
  const address = AzureBlobStorageAddress.parse(ref.address)
  const { protocol } = new URL(address.serviceEndpoint)
  const place = { store: ref.linkedServiceName, object: address.serviceEndpoint }
  const target = urlTarget(address.serviceEndpoint)
  const dial = () => ({ ...target, lookup: guardedLookup(target, ctx.allowedHosts) })
  let store: OpenStore | null = null
  const steps: (ConnectionStep | null)[] = [
    { step: 'policy', run: () => allowTarget(target, ctx.allowedHosts) },
    {
      step: 'credential',
      async run() {
        store = await openStore(ref, ctx)
        return 'opened by this node'
      },
    },
    isIP(target.host) ? null : { step: 'dns', run: () => addresses(target.host) },
    { step: 'tcp', run: () => connects(dial()) },
    protocol === 'https:' ? { step: 'tls', run: () => handshake(dial()) } : null,
    { step: 'login', run: () => withClient(store, login) },
  ]
  const result = await runConnectionSteps(
    steps.filter((step) => step !== null),
    place,
  )
  return result.ok ? { ...result, serverVersion: `Azure Blob Storage, REST API ${apiVersion}` } : result
}

async function addresses(host: string): Promise<string> {
  return (await lookup(host, { all: true })).map(({ address }) => address).join(', ')
}

async function connects(dial: TcpNetConnectOpts): Promise<string> {
  const socket = connectTcp(dial)
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(stepTimeoutMs) })
    return 'connected'
  } finally {
    socket.destroy()
  }
}

async function handshake(dial: TcpNetConnectOpts): Promise<string> {
  const socket = connectTls({ ...dial, servername: dial.host ?? '' })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(stepTimeoutMs) })
    return `${socket.getProtocol() ?? 'TLS'}, certificate valid until ${socket.getPeerCertificate().valid_to}`
  } finally {
    socket.destroy()
  }
}

async function login(client: BlobClient): Promise<string> {
  const { names, truncated } = await listContainers(client, 100)
  return `may list containers: ${truncated ? 'more than ' : ''}${names.length}`
}

function browse(
  store: OpenStore,
  { path, filter }: { path: string[]; filter?: string | undefined },
): Promise<BrowseResult> {
  const [container, ...folders] = path
  return explained(store, () =>
    withClient(store, async (client) => {
      if (container === undefined) {
        const { names } = await listContainers(client, browseLimit + 1)
        return browseResult(
          names.map((name) => ({ name, kind: 'container' })),
          filter,
        )
      }
      const folder = cleanPath(folders.join('/'))
      const items: BrowseResult['items'] = []
      const prefix = folder === '' ? '' : `${folder}/`
      for await (const item of pages(client, container, { prefix, isFlat: false })) {
        const name = nameOf(item.path)
        if (name === stagingFolder) continue
        if (item.isFolder) items.push({ name, kind: 'folder' })
        else
          items.push({ name, kind: 'file', sizeBytes: String(item.sizeBytes), modifiedAt: item.modifiedAt })
        if (items.length > browseLimit && !filter) break
      }
      return browseResult(items, filter)
    }),
  )
}

async function withClient<T>(store: OpenStore | null, work: (client: BlobClient) => Promise<T>): Promise<T> {
  if (!store) throw new Error('the credential is opened first')
  const client = blobClient(store)
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

async function explained<T>(store: OpenStore, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw failureFrom(error, { store: store.name })
  }
}
