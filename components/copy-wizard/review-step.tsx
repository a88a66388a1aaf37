'use client'

import { useState } from 'react'
import { useProblem, useWizard } from '@/components/copy-wizard/wizard-context'
import { WizardText } from '@/components/copy-wizard/wizard-field'
import { Button } from '@/components/ui/button'
import { Callout } from '@/components/ui/callout'
import { CodeBlock } from '@/components/ui/code-block'
import { Panel } from '@/components/ui/panel'
import { writeResource } from '@/components/form/resource-json'
import { ProgressLine } from '@/components/stores/progress-line'
import { isBinaryCopy, type PlannedCopy } from '@/lib/copy-wizard/copies'
import { tryBuildDefinitions } from '@/lib/copy-wizard/definitions'
import { pipelineNameOf } from '@/lib/copy-wizard/names'
import { reviewSentences } from '@/lib/copy-wizard/sentences'
import { stepNames } from './step-nav'
import { linesOf } from './wizard-facts'

/** The whole copy in words and in JSON, and its name. */
export function ReviewStep() {
  const { draft, change, source, sink, mappings, problems, goTo } = useWizard()
  const earlier = problems.filter(({ step }) => step !== 'review')
  const nameProblem = useProblem('name')
  return (
    <>
      <Unread />
      {earlier.length > 0 ? (
        <Callout tone="warn" title="This has to be settled first" live>
          <ul className="mt-1 grid gap-1">
            {earlier.map(({ step, field, message }) => (
              <li key={field}>
                <button
                  type="button"
                  className="font-medium text-accent-text hover:underline"
                  onClick={() => goTo(step)}
                >
                  {stepNames[step]}
                </button>
                : {message}
              </li>
            ))}
          </ul>
        </Callout>
      ) : (
        <Panel title="What will happen">
          <ul className="grid gap-1.5">
            {reviewSentences(draft, { source, sink }, linesOf(mappings)).map((sentence) => (
              <li key={sentence} className="wrap-anywhere">
                {sentence}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel>
        <WizardText
          field="name"
          label="Pipeline name"
          hint={nameProblem ? undefined : 'The copy is kept under this name, to be run again'}
          className="max-w-120"
          placeholder={pipelineNameOf(draft, { source, sink })}
          value={draft.name}
          onChange={(name) => change((current) => ({ ...current, name }))}
        />
      </Panel>
      {earlier.length === 0 ? <Definitions /> : null}
    </>
  )
}

/** What is not known of the columns, and what that means for the copy. */
function Unread() {
  const { draft, copies, mappings, goTo } = useWizard()
  if (isBinaryCopy(draft)) return null
  const unread = copies.filter(({ key }) => !mappings[key]?.known)
  const failed = unread.filter(({ key }) => mappings[key]?.failure)
  const reading = unread.length - failed.length
  const byHand =
    draft.options.writeBehavior === 'upsert' ? ' Their keys are yours to enter, in the step Options.' : ''
  return (
    <>
      {reading > 0 ? (
        <ProgressLine>
          {`Reading columns: ${copies.length - unread.length} of ${copies.length} copies are checked…`}
        </ProgressLine>
      ) : null}
      {failed.length > 0 ? (
        <Callout tone="warn" title={`The columns of ${unreadNames(failed)} could not be read`}>
          <p>Saved now, they go by name and are checked only when the copy runs.{byHand}</p>
          <button
            type="button"
            className="font-medium text-accent-text hover:underline"
            onClick={() => goTo('mapping')}
          >
            See why
          </button>
        </Callout>
      ) : null}
    </>
  )
}

/** Eighty names would be no sentence. */
const namedAtMost = 3

function unreadNames(failed: readonly PlannedCopy[]): string {
  const named = failed.slice(0, namedAtMost).map(({ label }) => label)
  const more = failed.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

function Definitions() {
  const { draft, source, sink, mappings, takenDatasets } = useWizard()
  const [shown, setShown] = useState(false)
  if (!source || !sink) return null
  const known = { takenDatasets, lines: linesOf(mappings) }
  const built = tryBuildDefinitions(draft, { source, sink }, known)
  if (!built.ok)
    return (
      <Callout tone="bad" title="This cannot be saved as it is" live>
        {built.problems.map((problem) => (
          <p key={problem}>{problem}</p>
        ))}
      </Callout>
    )
  const { datasets, pipeline } = built.definitions
  return (
    <Panel
      title="Definitions"
      description={`Pipeline ${pipeline.name} and its ${datasets.length} datasets, in Data Factory's shape`}
      actions={
        <Button size="sm" onClick={() => setShown(!shown)} aria-expanded={shown}>
          {shown ? 'Hide JSON' : 'Show JSON'}
        </Button>
      }
    >
      {shown ? (
        <div className="flex flex-col gap-3">
          {[pipeline, ...datasets].map(({ name, definition }) => (
            <CodeBlock
              key={name}
              label={`Definition of ${name}`}
              code={writeResource(name, definition)}
              tall
            />
          ))}
        </div>
      ) : null}
    </Panel>
  )
}
