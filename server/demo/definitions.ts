import type { DatasetDefinition } from '@/lib/datasets/schemas'
import type { LinkedServiceDefinition } from '@/lib/linked-services/schemas'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'

type CopyTypeProperties = PipelineDefinition['activities'][number]['typeProperties']

const connectVia = (runtime: string) => ({
  referenceName: runtime,
  type: 'IntegrationRuntimeReference' as const,
})
const reference = (name: string) => ({ referenceName: name, type: 'DatasetReference' as const })

export function privateStore(url: URL, runtime: string): LinkedServiceDefinition {
  return {
    type: 'PostgreSqlV2',
    connectVia: connectVia(runtime),
    description: 'The private PostgreSQL of the demo',
    typeProperties: {
      server: url.hostname,
      port: Number(url.port),
      database: url.pathname.slice(1),
      username: decodeURIComponent(url.username),
      authenticationType: 'Basic',
      sslMode: 'disable',
    },
  }
}

export function cloudStore(
  account: { serviceEndpoint: string; accountName: string },
  runtime: string,
): LinkedServiceDefinition {
  return {
    type: 'AzureBlobStorage',
    connectVia: connectVia(runtime),
    description: 'Azurite, the official emulator of Azure Blob Storage',
    typeProperties: { ...account, authenticationType: 'AccountKey' },
  }
}

export function tableDataset(linkedService: string, table: string): DatasetDefinition {
  return {
    type: 'PostgreSqlV2Table',
    linkedServiceName: { referenceName: linkedService, type: 'LinkedServiceReference' },
    typeProperties: { schema: 'public', table },
  }
}

export function parquetDataset(linkedService: string, folderPath: string): DatasetDefinition {
  return {
    type: 'Parquet',
    linkedServiceName: { referenceName: linkedService, type: 'LinkedServiceReference' },
    typeProperties: {
      location: { type: 'AzureBlobStorageLocation', container: 'lake', folderPath },
      compressionCodec: 'zstd',
    },
  }
}

/** One copy, verified by reading the sink again. */
export function copyPipeline(
  description: string,
  copy: {
    name: string
    input: string
    output: string
    source: CopyTypeProperties['source']
    sink: CopyTypeProperties['sink']
  },
): PipelineDefinition {
  const { name, input, output, source, sink } = copy
  return {
    description,
    activities: [
      {
        name,
        type: 'Copy',
        inputs: [reference(input)],
        outputs: [reference(output)],
        typeProperties: { source, sink, verification: 'content' },
      },
    ],
  }
}
