'use client'

import { datasetFile, datasetFiles, datasetPlace, datasetTable } from '@/components/datasets/dataset-words'
import { ItemView } from '@/components/stores/item-view'
import type { ViewedStore } from '@/components/stores/items'
import { NodeFailureCallout } from '@/components/stores/node-failure-callout'
import { ProgressLine } from '@/components/stores/progress-line'
import { type FileSelection, sampleFileOptions } from '@/components/stores/sample-file'
import { useAsked } from '@/components/stores/use-asked'
import { Callout } from '@/components/ui/callout'
import { Panel } from '@/components/ui/panel'
import type { DatasetDefinition } from '@/lib/datasets/schemas'

type DatasetContentsProps = {
  store: ViewedStore
  definition: DatasetDefinition
  /** Why this person may not browse or see rows; null where they may. */
  refusals: { browse: string | null; preview: string | null }
}

/** The columns and first rows of a dataset, live from a node. */
export function DatasetContents({ store, definition, refusals }: DatasetContentsProps) {
  const table = datasetTable(definition)
  const files = datasetFiles(definition)
  if (refusals.browse)
    return <Callout>You may not look into this store: {refusals.browse.toLowerCase()}.</Callout>
  if (table)
    return (
      <Panel>
        <ItemView
          store={store}
          item={table}
          name={datasetPlace(definition)}
          previewRefusal={refusals.preview}
        />
      </Panel>
    )
  if (files)
    return (
      <Panel>
        <FileContents store={store} definition={definition} files={files} previewRefusal={refusals.preview} />
      </Panel>
    )
  return (
    <Callout>
      {definition.type === 'Binary'
        ? 'Its files are copied byte by byte, so it has no columns.'
        : 'It names no table: activities that read it bring their own query.'}
    </Callout>
  )
}

type FileContentsProps = Omit<DatasetContentsProps, 'refusals'> & {
  files: FileSelection
  previewRefusal: string | null
}

/** One file stands for all that the dataset names. */
function FileContents({ store, definition, files, previewRefusal }: FileContentsProps) {
  const { data, progress, failure, askAgain } = useAsked(sampleFileOptions(store, files), 'for its files')
  if (failure) return <NodeFailureCallout failure={failure} onRetry={askAgain} />
  if (!data) return <ProgressLine>{progress ?? 'Asking for its files…'}</ProgressLine>
  if (data.path === null)
    return (
      <p className="text-sm text-fg-muted">No file is there yet: a copy into this dataset writes them.</p>
    )
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-fg-muted">
        As in the file <span className="font-mono text-xs wrap-anywhere">{data.path}</span>
      </p>
      <ItemView
        store={store}
        item={datasetFile(definition, data.path)}
        name={data.path}
        previewRefusal={previewRefusal}
      />
    </div>
  )
}
