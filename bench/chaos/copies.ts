import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { desc, eq } from 'drizzle-orm'
import { pipelineRuns } from '@/drizzle/schema/runs'
import type { DatasetDefinition } from '@/lib/datasets/schemas'
import type { PipelineDefinition } from '@/lib/pipelines/schemas'
import { startPipelineRun } from '@/lib/runs/start'
import { tableDataset } from '@/server/demo/definitions'
import { ensureDataset, ensurePipeline } from '@/server/stack/authoring'
import { withClient } from '../lineitem'
import { type Arena, insist } from './arena'
import { type Census, countCsvFolder, countTable, expectCsv, expectTable } from './census'

/** What a copy does, and how the sink must look in the end. */
export const copyKinds = ['append', 'append-verified', 'overwrite', 'upsert', 'new-table', 'csv'] as const
export type CopyKind = (typeof copyKinds)[number]
export type ChaosCopy = {
  kind: CopyKind
  name: string
  pipelineId: string
  count: () => Promise<Census>
  expected: Census
}

const columns = 'id bigint primary key, payload text not null, amount numeric(12,2) not null'

/** `public.source`: rows whose text is the same in SQL and in CSV. */
export async function makeSource(url: string, rowCount: number): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('drop table if exists public.source')
    await client.query(`create table public.source (${columns})`)
    await client.query(
      `insert into public.source select i, repeat(md5(i::text), 4), (i % 100000) / 100.0 from generate_series(1, $1::integer) i`,
      [rowCount],
    )
    await client.query('vacuum analyze public.source')
  })
}

/** Prepares the sink of one copy and saves its pipeline; nothing runs yet. */
export async function makeCopy(arena: Arena, kind: CopyKind, index: number): Promise<ChaosCopy> {
  const name = `${kind}-${index}`
  const table = `public.${name.replaceAll('-', '_')}`
  const { stack, place, storesUrl } = arena
  if (kind === 'csv') await mkdir(join(arena.folder, name), { recursive: true })
  else await makeSink(storesUrl, table, kind)
  await ensureDataset(stack, place, { name: 'source', definition: tableDataset('stores', 'source') })
  await ensureDataset(stack, place, { name, definition: sinkDataset(kind, name, table) })
  const pipelineId = await ensurePipeline(stack, place, { name, definition: definition(kind, name) })
  const expected =
    kind === 'csv'
      ? await expectCsv(storesUrl, 'public.source')
      : await expectTable(storesUrl, 'public.source', rounds(kind))
  const count = () =>
    kind === 'csv' ? countCsvFolder(join(arena.folder, name)) : countTable(arena.storesUrl, table)
  return { kind, name, pipelineId, count, expected }
}

/** Appends go to a table that holds the source once already: a lost or doubled row shows in both directions. */
function rounds(kind: CopyKind): number {
  return kind.startsWith('append') ? 2 : 1
}

async function makeSink(url: string, table: string, kind: CopyKind): Promise<void> {
  if (kind === 'new-table') return
  await withClient(url, async (client) => {
    const body = kind.startsWith('append') ? columns.replace(' primary key', '') : columns
    await client.query(`create table if not exists ${table} (${body})`)
    await client.query(`truncate ${table}`)
    // Upsert and overwrite meet rows of the same keys with other contents.
    const filling = kind.startsWith('append') ? 'id, payload, amount' : `id, 'old', 0`
    await client.query(`insert into ${table} select ${filling} from public.source`)
  })
}

function sinkDataset(kind: CopyKind, name: string, table: string): DatasetDefinition {
  if (kind !== 'csv') return tableDataset('stores', table.replace('public.', ''))
  return {
    type: 'DelimitedText',
    linkedServiceName: { referenceName: 'files', type: 'LinkedServiceReference' },
    typeProperties: {
      location: { type: 'FileServerLocation', folderPath: name },
      columnDelimiter: ',',
      quoteChar: '"',
      firstRowAsHeader: true,
      nullValue: '',
      compressionCodec: 'none',
    },
  }
}

function definition(kind: CopyKind, name: string): PipelineDefinition {
  const behaviour = kind.startsWith('append') ? 'insert' : kind === 'upsert' ? 'upsert' : 'overwrite'
  const storeSettings = { type: 'FileServerWriteSettings', writeBehavior: 'overwrite' } as const
  const toTable = {
    type: 'PostgreSqlV2Sink',
    writeBehavior: behaviour,
    tableOption: 'autoCreate',
    ...(kind === 'upsert' && { upsertSettings: { keys: ['id'] } }),
  } as const
  return {
    activities: [
      {
        name: 'copy',
        type: 'Copy',
        inputs: [{ referenceName: 'source', type: 'DatasetReference' }],
        outputs: [{ referenceName: name, type: 'DatasetReference' }],
        typeProperties: {
          source: { type: 'PostgreSqlV2Source' },
          sink:
            kind === 'csv' ? { type: 'DelimitedTextSink', storeSettings, fileNamePrefix: 'rows' } : toTable,
          verification: kind === 'append' ? 'stream' : 'content',
          parallelCopies: 2,
        },
      },
    ],
  }
}

/** Starts the copy's pipeline once, whatever happens to the answer: a lost answer must not start a second run. */
export async function startOnce({ stack }: Arena, { pipelineId }: ChaosCopy): Promise<string> {
  return insist(
    async () =>
      (await latestRun(stack.db, pipelineId))?.id ??
      (await startPipelineRun(stack.ctx, { pipelineId })).pipelineRunId,
  )
}

export async function latestRun(db: Arena['stack']['db'], pipelineId: string) {
  const [run] = await db
    .select({
      id: pipelineRuns.id,
      status: pipelineRuns.status,
      message: pipelineRuns.message,
      endedAt: pipelineRuns.endedAt,
    })
    .from(pipelineRuns)
    .where(eq(pipelineRuns.pipelineId, pipelineId))
    .orderBy(desc(pipelineRuns.queuedAt))
    .limit(1)
  return run
}
