'use client'

import type { Item, ViewedStore } from '@/components/stores/items'
import { NodeFailureCallout } from '@/components/stores/node-failure-callout'
import { PreviewTable } from '@/components/stores/preview-table'
import { ProgressLine } from '@/components/stores/progress-line'
import { describeOptions, previewOptions } from '@/components/stores/query-options'
import { useAsked } from '@/components/stores/use-asked'
import { Badge } from '@/components/ui/badge'
import { Callout } from '@/components/ui/callout'
import { formatCount } from '@/lib/format'

type ItemViewProps = {
  store: ViewedStore
  item: Item
  /** "public.orders" */
  name: string
  /** Why this person may not see rows; null where they may. */
  previewRefusal: string | null
}

/** A table or file: its first rows and its columns, each asked of a node. */
export function ItemView({ store, item, name, previewRefusal }: ItemViewProps) {
  return (
    <div className="flex flex-col gap-5">
      <section aria-label="First rows">
        <h2 className="mb-2 font-semibold">First rows</h2>
        {previewRefusal ? (
          <Callout>Rows are not shown to you: {lowerFirst(previewRefusal)}.</Callout>
        ) : (
          <FirstRows store={store} item={item} name={name} />
        )}
      </section>
      <section aria-label="Columns">
        <h2 className="mb-2 font-semibold">Columns</h2>
        <Columns store={store} item={item} name={name} />
      </section>
    </div>
  )
}

type PartProps = Pick<ItemViewProps, 'store' | 'item' | 'name'>

/** Ten rows, sealed on the way for this page alone. */
export function FirstRows({ store, item, name }: PartProps) {
  const { data, progress, failure, askAgain } = useAsked(previewOptions(store, item), 'for the first rows')
  if (failure) return <NodeFailureCallout failure={failure} onRetry={askAgain} />
  return (
    <div>
      {data ? (
        <div className="overflow-hidden rounded-lg border bg-panel">
          <PreviewTable label={`First rows of ${name}`} {...data.rows} />
        </div>
      ) : (
        // As high as ten rows are, so that what stands below does not move.
        <div className="min-h-96">
          <ProgressLine>{progress ?? 'Asking for the first rows…'}</ProgressLine>
        </div>
      )}
      <p className="mt-1.5 text-sm wrap-anywhere text-fg-muted">
        {data
          ? `Read by ${data.nodeName} and sealed for this page: the portal passed them on without being able to read them.`
          : 'A node reads them and seals them for this page: the portal passes them on without being able to read them.'}
      </p>
    </div>
  )
}

/** Names and types as the store says them. */
export function Columns({ store, item, name }: PartProps) {
  const { data, progress, failure, askAgain } = useAsked(describeOptions(store, item), 'for the columns')
  if (failure) return <NodeFailureCallout failure={failure} onRetry={askAgain} />
  if (!data) return <ProgressLine>{progress ?? 'Asking for the columns…'}</ProgressLine>
  const { columns, estimatedRows } = data.output.result
  return (
    <div>
      <ul aria-label={`Columns of ${name}`} className="rounded-lg border bg-panel text-sm">
        {columns.map((column) => (
          <li
            key={column.name}
            className="flex flex-wrap items-center gap-x-2 border-b px-4 py-1.5 last:border-b-0"
          >
            <span className="min-w-24 flex-1 wrap-anywhere">{column.name}</span>
            {column.isKey ? <Badge tone="info">key</Badge> : null}
            {column.nullable === false ? <Badge>not null</Badge> : null}
            <span className="font-mono text-xs text-fg-muted">{column.type}</span>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-sm text-fg-muted tabular-nums">
        {columns.length} columns{estimatedRows ? `, about ${formatCount(estimatedRows)} rows` : ''}
      </p>
    </div>
  )
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
