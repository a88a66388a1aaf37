'use client'

import { useState } from 'react'
import { MappingPreview } from '@/components/copy-wizard/mapping-preview'
import { MappingTable } from '@/components/copy-wizard/mapping-table'
import { useProblem, useWizard } from '@/components/copy-wizard/wizard-context'
import { Field } from '@/components/form/field'
import { NodeFailureCallout } from '@/components/stores/node-failure-callout'
import { ProgressLine } from '@/components/stores/progress-line'
import { Callout } from '@/components/ui/callout'
import { Select } from '@/components/ui/select'
import { maxCopies } from '@/lib/copy-wizard/checks'
import { isBinaryCopy, type PlannedCopy } from '@/lib/copy-wizard/copies'

/** Which column goes where and as what, per copied table. */
export function MappingStep() {
  const { draft, copies, source, sink } = useWizard()
  const [chosen, setChosen] = useState<string | null>(null)
  const copy = copies.find(({ key }) => key === chosen) ?? copies[0]
  if (!source || !sink || !copy)
    return <Callout>Choose source and sink first: their columns are read from the nodes.</Callout>
  if (isBinaryCopy(draft))
    return (
      <Callout title="There is nothing to map">
        Files are copied unchanged, byte by byte, whatever is in them.
      </Callout>
    )
  return (
    <>
      {copies.length > 1 ? (
        <Field label="Table" className="max-w-96">
          {(wiring) => (
            <Select
              {...wiring}
              value={copy.key}
              options={copies.map(({ key, label }) => ({ value: key, label }))}
              onChange={(event) => setChosen(event.target.value)}
            />
          )}
        </Field>
      ) : null}
      <MappingOf key={copy.key} copy={copy} />
    </>
  )
}

function MappingOf({ copy }: { copy: PlannedCopy }) {
  const { mappings, draft } = useWizard()
  const problem = useProblem(`mappings.${copy.key}`)
  const mapping = mappings[copy.key]
  if (!mapping)
    return (
      <Callout>
        A pipeline copies at most {maxCopies} tables. Choose fewer (in the step Source): this one is over the
        limit.
      </Callout>
    )
  if (mapping.failure) return <NodeFailureCallout failure={mapping.failure} onRetry={mapping.askAgain} />
  if (!mapping.known) return <ProgressLine>{mapping.progress ?? 'Asking for the columns…'}</ProgressLine>
  const { known } = mapping
  return (
    <>
      {problem ? <Callout tone="bad" title={problem} /> : null}
      {known.sink.kind === 'new' && !draft.sink.createTable ? (
        <Callout tone="warn" title="This table is not there">
          Let the copy make it (in the step Sink), or choose another table.
        </Callout>
      ) : null}
      <MappingTable copy={copy} known={known} />
      <MappingPreview copy={copy} item={mapping.item} lines={known.lines} />
    </>
  )
}
