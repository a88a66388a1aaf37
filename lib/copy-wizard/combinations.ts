import type { CopyDraft, WizardStore } from '@/lib/copy-wizard/draft'
import type { compressions, FileFormat, writeBehaviors } from '@/lib/protocol/copy-plan'

type Compression = (typeof compressions)[number]
type WriteBehavior = (typeof writeBehaviors)[number]

/** Something to choose; `refusal` says why it cannot be chosen here. */
export type Offer<Value> = { value: Value; label: string; hint: string; refusal: string | null }
type Source = CopyDraft['source']

export const formatNames = {
  csv: 'CSV',
  jsonl: 'JSON lines',
  parquet: 'Parquet',
  binary: 'Binary',
} as const satisfies Record<FileFormat, string>

const formatHints = {
  parquet: 'Columns with their types, compressed; for lakes and analysis',
  csv: 'Text that spreadsheets and COPY read',
  jsonl: 'One JSON object per line',
  binary: 'The bytes unchanged, with their checksum',
} as const satisfies Record<FileFormat, string>

/** The richest first. */
const formats = ['parquet', 'csv', 'jsonl', 'binary'] as const satisfies readonly FileFormat[]

/** What may be read from a store of files. */
export function sourceFormats(): Offer<FileFormat>[] {
  return formats.map((value) => ({
    value,
    label: formatNames[value],
    hint: formatHints[value],
    refusal: null,
  }))
}

/** Whether this store may take what the source gives; the engine's matrix in words. */
export function sinkRefusal(
  source: { store: WizardStore | undefined } & Pick<Source, 'kind' | 'format'>,
  sink: WizardStore,
): string | null {
  if (source.store && source.store.runtimeId !== sink.runtimeId)
    return `It connects via ${sink.runtimeName}, the source via ${source.store.runtimeName}. A copy runs on one runtime`
  if (source.kind !== 'files') return null
  if (source.format === 'binary' && sink.type === 'PostgreSql')
    return 'A table takes rows, and binary files have none. Choose another format at the source'
  if (source.format !== 'binary' && sink.type !== 'PostgreSql')
    return `${formatNames[source.format]} is read into tables. To copy the files unchanged, choose Binary at the source`
  return null
}

/** How files may be written; a table's rows need a format that has rows, and files keep their bytes. */
export function sinkFormats(source: Pick<Source, 'kind' | 'format'>): Offer<FileFormat>[] {
  const unchanged = source.kind === 'files'
  return formats.map((value) => ({
    value,
    label: formatNames[value],
    hint: formatHints[value],
    refusal: formatRefusal(value, unchanged),
  }))
}

function formatRefusal(format: FileFormat, unchanged: boolean): string | null {
  if (unchanged && format !== 'binary') return 'Files are copied into files unchanged'
  if (!unchanged && format === 'binary')
    return 'Rows have no bytes of their own: choose a format that holds rows'
  return null
}

export function compressionOffers(format: FileFormat): Offer<Compression>[] {
  const zstd = { value: 'zstd' as const, label: 'zstd', hint: 'Small and fast', refusal: null }
  const none = { value: 'none' as const, label: 'None', hint: 'Largest files', refusal: null }
  if (format === 'parquet') return [zstd, none]
  if (format === 'binary') return [none]
  return [none, { value: 'gzip', label: 'gzip', hint: 'Read everywhere', refusal: null }, zstd]
}

/** What may happen to what is there already. */
export function writeBehaviorOffers(sinkType: WizardStore['type']): Offer<WriteBehavior>[] {
  const table = sinkType === 'PostgreSql'
  return [
    {
      value: 'append',
      label: 'Append',
      hint: table
        ? 'Rows are added to those in the table'
        : 'Files are added; one of the same name stops the copy before it begins',
      refusal: null,
    },
    {
      value: 'overwrite',
      label: 'Overwrite',
      hint: table
        ? 'The whole table is replaced at once, when everything has arrived and was verified'
        : 'Files of the same name are replaced at once, when everything has arrived',
      refusal: null,
    },
    {
      value: 'upsert',
      label: 'Upsert',
      hint: 'Rows with a known key are changed, others are added, all at once',
      refusal: table ? null : 'Files have no keys: only a table can be changed row by row',
    },
  ]
}

/** Each level and what it costs (blueprint, section 8; issue 2: content at most 1.8 times the time of stream). */
export const verificationOffers = [
  {
    value: 'counts',
    label: 'Counts',
    hint: 'Rows and bytes at both ends agree. Costs nothing.',
  },
  {
    value: 'stream',
    label: 'Stream',
    hint: 'As counts, and every row as read equals the row as handed to the sink, by digest. Costs a few percent.',
  },
  {
    value: 'content',
    label: 'Content',
    hint: 'As stream, and every row is read again from the sink, and the digests compared, before it is published. Takes up to 1.8 times as long.',
  },
] as const
