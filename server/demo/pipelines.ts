import { emulatorAccount } from '@/server/demo/azurite'
import {
  cloudStore,
  copyPipeline,
  parquetDataset,
  privateStore,
  tableDataset,
} from '@/server/demo/definitions'
import { followRun, type RunResult } from '@/server/demo/follow-run'
import type { Demo } from '@/server/demo/open-demo'
import type { LiveLine } from '@/server/demo/progress-bar'
import { ensureDataset, ensureLinkedService, ensurePipeline } from '@/server/stack/authoring'

const overwriteTable = {
  type: 'PostgreSqlV2Sink',
  writeBehavior: 'overwrite',
  tableOption: 'autoCreate',
} as const
const blobs = { recursive: true } as const

/** Makes stores, datasets and pipelines where they are missing, and runs the three copies one after the other. */
export async function runPipelines(demo: Demo, live: LiveLine): Promise<RunResult[]> {
  const { stack, place } = demo
  await makeStores(demo)
  const copies = [
    {
      name: 'flights-to-lake',
      label: 'PostgreSQL → Parquet blobs',
      definition: copyPipeline('The table of flights as Parquet in the lake', {
        name: 'copy-flights',
        input: 'flights',
        output: 'flights-parquet',
        source: { type: 'PostgreSqlV2Source' },
        sink: {
          type: 'ParquetSink',
          storeSettings: { type: 'AzureBlobStorageWriteSettings', writeBehavior: 'overwrite' },
          fileNamePrefix: 'flights',
        },
      }),
    },
    {
      name: 'lake-to-table',
      label: 'Parquet blobs → PostgreSQL',
      definition: copyPipeline('The Parquet files as a new table', {
        name: 'copy-lake',
        input: 'flights-parquet',
        output: 'flights-from-lake',
        source: { type: 'ParquetSource', storeSettings: { type: 'AzureBlobStorageReadSettings', ...blobs } },
        sink: overwriteTable,
      }),
    },
    {
      name: 'table-to-table',
      label: 'PostgreSQL → PostgreSQL',
      definition: copyPipeline('The table of flights as another table', {
        name: 'copy-table',
        input: 'flights',
        output: 'flights-copy',
        source: { type: 'PostgreSqlV2Source' },
        sink: overwriteTable,
      }),
    },
  ]
  const results: RunResult[] = []
  for (const { name, label, definition } of copies) {
    const id = await ensurePipeline(stack, place, { name, definition })
    results.push(await followRun(stack, { id, label }, live))
  }
  return results
}

async function makeStores({ stack, place, privateUrl, blobs: emulator }: Demo): Promise<void> {
  await ensureLinkedService(stack, place, {
    name: 'warehouse',
    definition: privateStore(privateUrl, place.runtime.name),
    secret: { kind: 'password', password: decodeURIComponent(privateUrl.password) },
  })
  await ensureLinkedService(stack, place, {
    name: 'lake',
    definition: cloudStore(
      { serviceEndpoint: emulator.serviceEndpoint, accountName: emulatorAccount.name },
      place.runtime.name,
    ),
    secret: { kind: 'accountKey', accountKey: emulatorAccount.key },
  })
  const tables = {
    flights: 'flights',
    'flights-from-lake': 'flights_from_lake',
    'flights-copy': 'flights_copy',
  }
  for (const [name, table] of Object.entries(tables))
    await ensureDataset(stack, place, { name, definition: tableDataset('warehouse', table) })
  await ensureDataset(stack, place, {
    name: 'flights-parquet',
    definition: parquetDataset('lake', 'flights'),
  })
}
