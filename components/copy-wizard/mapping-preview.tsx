'use client'

import { Eye } from 'lucide-react'
import { useState } from 'react'
import { useWizard, type WizardStoreView } from '@/components/copy-wizard/wizard-context'
import { FirstRows } from '@/components/stores/item-view'
import type { Item } from '@/components/stores/items'
import { NodeFailureCallout } from '@/components/stores/node-failure-callout'
import { PreviewTable } from '@/components/stores/preview-table'
import { ProgressLine } from '@/components/stores/progress-line'
import { previewOptions } from '@/components/stores/query-options'
import { useAsked } from '@/components/stores/use-asked'
import { Button } from '@/components/ui/button'
import { Panel } from '@/components/ui/panel'
import { afterPreviewItem, renameRows } from '@/lib/copy-wizard/after-preview'
import type { PlannedCopy } from '@/lib/copy-wizard/copies'
import type { MappingLine } from '@/lib/copy-wizard/mapping'

type MappingPreviewProps = { copy: PlannedCopy; item: Item | null; lines: readonly MappingLine[] }
type Shown = { item: Item | null; lines: readonly MappingLine[] }

/** Ten rows before and after the mapping. They are asked for when somebody wants them, because looking is audited. */
export function MappingPreview({ copy, item, lines }: MappingPreviewProps) {
  const { draft, source, refusals } = useWizard()
  const [shown, setShown] = useState<Shown | null>(null)
  const after = afterPreviewItem(draft, copy, lines)
  const isStale = shown !== null && JSON.stringify(shown.lines) !== JSON.stringify(lines)
  if (!source || !item) return null
  return (
    <Panel
      title="First rows"
      description="Before and after, sealed by the node for this page"
      actions={
        shown === null || isStale ? (
          <Button
            icon={<Eye aria-hidden />}
            disabledReason={refusals.preview}
            onClick={() => setShown({ item: after, lines })}
          >
            {isStale ? 'Preview the changed mapping' : 'Preview ten rows'}
          </Button>
        ) : null
      }
    >
      {shown ? (
        <div className="flex flex-col gap-5">
          <section aria-label="At the source">
            <h3 className="mb-2 text-sm font-medium">At the source</h3>
            <FirstRows store={source} item={item} name={copy.label} />
          </section>
          <section aria-label="As they will arrive">
            <h3 className="mb-2 text-sm font-medium">As they will arrive</h3>
            {shown.item ? (
              <FirstRows store={source} item={shown.item} name={`${copy.label}, mapped`} />
            ) : (
              <RenamedRows store={source} item={item} lines={shown.lines} />
            )}
          </section>
        </div>
      ) : null}
    </Panel>
  )
}

type RenamedRowsProps = { store: WizardStoreView; item: Item; lines: readonly MappingLine[] }

/** The rows of a file under the names of the mapping: their values are read by the sink's types only when they arrive. */
function RenamedRows({ store, item, lines }: RenamedRowsProps) {
  const { data, progress, failure, askAgain } = useAsked(previewOptions(store, item), 'for the first rows')
  if (failure) return <NodeFailureCallout failure={failure} onRetry={askAgain} />
  if (!data) return <ProgressLine>{progress ?? 'Asking for the first rows…'}</ProgressLine>
  const renamed = renameRows(data.rows.columns, data.rows.rows, lines)
  return (
    <div className="overflow-hidden rounded-lg border bg-panel">
      <PreviewTable label="First rows as they will arrive" {...renamed} />
    </div>
  )
}
