'use client'

import { useWizard } from '@/components/copy-wizard/wizard-context'
import { Panel } from '@/components/ui/panel'
import { formatNames } from '@/lib/copy-wizard/combinations'
import { isBinaryCopy } from '@/lib/copy-wizard/copies'
import { pipelineNameOf } from '@/lib/copy-wizard/names'
import { sinkWords, sourceWords } from '@/lib/copy-wizard/sentences'
import type { ReactNode } from 'react'

/** What was chosen so far, beside every step. */
export function Summary() {
  const { draft, source, sink, copies, mappings } = useWizard()
  const stores = { source, sink }
  const known = copies.flatMap(({ key }) => mappings[key]?.known?.lines ?? [])
  const left = known.filter(({ include }) => !include).length
  const losing = known.filter(({ include, mark }) => include && mark?.level === 'loses').length
  const chosen = source && (copies.length > 0 || draft.source.kind !== 'tables')
  return (
    <Panel title="Summary">
      <dl className="grid gap-3 text-sm">
        <Line term="From">
          {source ? source.name : null}
          {chosen ? <Small>{sourceWords(draft)}</Small> : null}
        </Line>
        <Line term="To">
          {sink ? sink.name : null}
          {sink && chosen ? <Small>{sinkWords(draft, sink, [...copies])}</Small> : null}
        </Line>
        {isBinaryCopy(draft) ? null : (
          <Line term="Columns">
            {known.length > 0 ? `${known.length - left} of ${known.length} copied` : null}
            {losing > 0 ? (
              <Small>{losing === 1 ? '1 loses something' : `${losing} lose something`}</Small>
            ) : null}
          </Line>
        )}
        <Line term="Options">
          {sink ? `${capital(draft.options.writeBehavior)}, verified by ${draft.options.verification}` : null}
          {sink && draft.options.parallelCopies.trim() ? (
            <Small>At most {draft.options.parallelCopies} parts at once</Small>
          ) : null}
        </Line>
        <Line term="Runs on">{source ? `Nodes of ${source.runtimeName}` : null}</Line>
        <Line term="Pipeline">{source && sink ? pipelineNameOf(draft, stores) : null}</Line>
        {source && draft.source.kind === 'files' ? (
          <Line term="Read as">{formatNames[draft.source.format]}</Line>
        ) : null}
      </dl>
    </Panel>
  )
}

function Line({ term, children }: { term: string; children: ReactNode }) {
  const empty = [children].flat().every((child) => child === null || child === undefined || child === false)
  return (
    <div>
      <dt className="text-xs font-medium text-fg-muted">{term}</dt>
      <dd className="mt-0.5 wrap-anywhere">
        {empty ? <span className="text-fg-faint">Not chosen yet</span> : children}
      </dd>
    </div>
  )
}

function Small({ children }: { children: ReactNode }) {
  return <span className="block text-fg-muted">{children}</span>
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
