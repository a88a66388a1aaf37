import { ArrowRight } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Badge } from '@/components/ui/badge'
import { Facts, Panel } from '@/components/ui/panel'
import { formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'
import type { NamedDataset, Pipeline } from '@/lib/pipelines/queries'
import type { CopyActivity } from '@/lib/pipelines/schemas'

/** What a pipeline does, activity by activity. */
export function PipelineActivities({ factory, pipeline }: { factory: string; pipeline: Pipeline }) {
  return pipeline.definition.activities.map((activity) => (
    <Panel
      key={activity.name}
      title={activity.name}
      description={activity.description}
      actions={<Badge>{activity.type}</Badge>}
    >
      <div className="mb-4 grid items-center gap-3 md:grid-cols-[1fr_auto_1fr]">
        <End word="From" factory={factory} dataset={endOf(pipeline, activity.inputs[0]?.referenceName)} />
        <ArrowRight aria-hidden className="hidden size-4 text-fg-muted md:block" />
        <End word="To" factory={factory} dataset={endOf(pipeline, activity.outputs[0]?.referenceName)} />
      </div>
      <Facts rows={factsOf(activity)} />
    </Panel>
  ))
}

type EndOfCopy = { name: string; found: NamedDataset | undefined }

function endOf({ datasets }: Pipeline, name = ''): EndOfCopy {
  return { name, found: datasets.find((dataset) => dataset.name.toLowerCase() === name.toLowerCase()) }
}

function End({ word, factory, dataset }: { word: string; factory: string; dataset: EndOfCopy }) {
  const { name, found } = dataset
  return (
    <div className="min-w-0 rounded-md border px-3 py-2">
      <p className="text-xs text-fg-muted">{word}</p>
      {found ? (
        <>
          <Link
            href={paths.dataset(factory, found.name)}
            className="font-medium underline-offset-2 hover:underline"
          >
            {found.name}
          </Link>
          <p className="text-sm text-fg-muted">
            {datasetKinds[found.type] ?? found.type} in {found.linkedServiceName}
          </p>
        </>
      ) : (
        <p className="text-bad-text">The dataset {name} does not exist any more</p>
      )}
    </div>
  )
}

const datasetKinds: Record<string, string> = {
  PostgreSqlV2Table: 'PostgreSQL table',
  DelimitedText: 'CSV files',
  Json: 'JSON lines files',
  Parquet: 'Parquet files',
  Binary: 'Files as they are',
}
const behaviours = {
  insert: 'Append rows',
  append: 'Add files, replace none',
  overwrite: 'Overwrite',
  upsert: 'Upsert',
} as const

const levels = {
  counts: 'Counts: rows and bytes of both ends are compared',
  stream: 'Stream: counts, and digests of what is read and what is handed to the sink, are compared',
  content: 'Content: as stream, and every row is read again from the sink before it is published',
} as const

function factsOf({ typeProperties, dependsOn }: CopyActivity): (readonly [string, ReactNode])[] {
  const { source, sink, translator, parallelCopies, verification } = typeProperties
  const keys =
    sink.type === 'PostgreSqlV2Sink' && sink.writeBehavior === 'upsert'
      ? sink.upsertSettings?.keys
      : undefined
  const behaviour = sink.type === 'PostgreSqlV2Sink' ? sink.writeBehavior : sink.storeSettings.writeBehavior
  return [
    ...(source.type === 'PostgreSqlV2Source' && source.query
      ? [
          [
            'Query',
            <code key="query" className="font-mono text-xs whitespace-pre-wrap">
              {source.query}
            </code>,
          ] as const,
        ]
      : []),
    ['Writes', `${behaviours[behaviour]}${keys ? ` by ${keys.join(', ')}` : ''}`],
    [
      'Columns',
      translator ? `${formatQuantity(translator.mappings.length, 'column')} mapped` : 'All, by their names',
    ],
    ['Verification', levels[verification]],
    ['Parts at once', parallelCopies ? `at most ${parallelCopies}` : 'as many as there are free slots'],
    ...(dependsOn && dependsOn.length > 0
      ? [['Waits for', dependsOn.map(({ activity }) => activity).join(', ')] as const]
      : []),
  ]
}
