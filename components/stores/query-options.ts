import { type QueryClient, type QueryKey, queryOptions } from '@tanstack/react-query'
import { askNode, awaitAnswer } from '@/components/stores/ask-node'
import { takeTurns } from '@/components/stores/turns'
import { requestBrowseAction, requestDescribeAction, requestPreviewAction } from '@/lib/interactive/actions'
import type { ItemRef, PreviewRows } from '@/lib/protocol/interactive'
import type { z } from 'zod'

type Item = z.infer<typeof ItemRef>
/** A linked service as it is now: a new credential or address asks again. */
export type AskedStore = { id: string; name: string; version: string }

/** A store changes while somebody looks at it, but not with every click. */
const freshMs = 60_000
/** Asking costs a node's time: never by itself, and a failure is shown rather than repeated. */
export const onRequest = {
  staleTime: freshMs,
  retry: false,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
  refetchOnMount: false,
} as const

/** What lies at a place of the store: schemas, tables, containers, folders or files. */
export function browseOptions(store: AskedStore, path: readonly string[], filter = '') {
  return queryOptions({
    ...onRequest,
    queryKey: ['stores', 'browse', store.id, store.version, path, filter],
    queryFn: ({ signal, client, queryKey }) =>
      askNode(
        'browse',
        () =>
          requestBrowseAction({ linkedServiceId: store.id, path: [...path], ...(filter ? { filter } : {}) }),
        { signal, onProgress: reporter(client, queryKey) },
      ),
  })
}

/** A browser has six connections to a host: a wizard that asks about eighty tables leaves some to the rest of the page. */
const inTurn = takeTurns(4)

/** The columns of a table, a query or a file. */
export function describeOptions(store: AskedStore, item: Item) {
  return queryOptions({
    ...onRequest,
    queryKey: ['stores', 'describe', store.id, store.version, item],
    queryFn: ({ signal, client, queryKey }) =>
      inTurn(signal, () =>
        askNode('describe', () => requestDescribeAction({ linkedServiceId: store.id, item }), {
          signal,
          onProgress: reporter(client, queryKey),
        }),
      ),
  })
}

/** The first rows: sealed by the node for a key that exists only in this call, so that nobody between can read them. */
export function previewOptions(store: AskedStore, item: Item, limit = 10) {
  return queryOptions({
    ...onRequest,
    queryKey: ['stores', 'preview', store.id, store.version, item, limit],
    queryFn: async ({ signal, client, queryKey }) => {
      // Sealing is heavy, and few pages show rows at once.
      const { generateVaultKeyPair, open } = await import('@/lib/protocol/sealing')
      const key = await generateVaultKeyPair()
      const requestId = crypto.randomUUID()
      const request = { linkedServiceId: store.id, item, limit, recipientKey: key.publicKey, requestId }
      const { nodeName, output } = await askNode('preview', () => requestPreviewAction(request), {
        signal,
        onProgress: reporter(client, queryKey),
      })
      const by = { privateKey: key.privateKey, purpose: 'preview' } as const
      const json = new TextDecoder().decode(await open(by, { requestId }, output.result))
      return { nodeName, rows: previewRows(JSON.parse(json)) }
    },
  })
}

/** Only this page ever sees them, so nobody on the way could check them; a schema would cost more script than the rows. */
function previewRows(opened: Partial<PreviewRows>): PreviewRows {
  const { columns, rows } = opened
  if (!Array.isArray(columns) || !Array.isArray(rows)) throw new Error('These are no rows of a preview')
  return { columns, rows }
}

/** The answer of one node to a request that was made already: a connection test. */
export function answerOptions(taskId: string) {
  return queryOptions({
    ...onRequest,
    queryKey: ['stores', 'answer', taskId],
    queryFn: ({ signal, client, queryKey }) =>
      awaitAnswer(taskId, { signal, onProgress: reporter(client, queryKey) }),
    staleTime: Infinity,
  })
}

/** Where the progress line of a read is kept: written by the read itself, never fetched. */
export function progressOptions(queryKey: QueryKey) {
  return queryOptions({
    queryKey: ['stores', 'progress', ...queryKey],
    queryFn: () => '',
    enabled: false,
    staleTime: Infinity,
    initialData: '',
  })
}

export function reporter(client: QueryClient, queryKey: QueryKey) {
  return (line: string) => client.setQueryData(progressOptions(queryKey).queryKey, line)
}
