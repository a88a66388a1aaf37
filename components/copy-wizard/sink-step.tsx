'use client'

import { SinkFiles } from '@/components/copy-wizard/sink-files'
import { SinkTable } from '@/components/copy-wizard/sink-table'
import { StoreChoice } from '@/components/copy-wizard/store-choice'
import { useWizard } from '@/components/copy-wizard/wizard-context'
import { Callout } from '@/components/ui/callout'
import { Panel } from '@/components/ui/panel'
import { chooseSink } from '@/lib/copy-wizard/choose'
import { sinkRefusal } from '@/lib/copy-wizard/combinations'

/** Where to copy to, and under which names. */
export function SinkStep() {
  const { draft, change, source, sink } = useWizard()
  const fits = sink && sinkRefusal({ store: source, ...draft.source }, sink) === null
  return (
    <>
      {source ? null : <Callout>Choose the source first: it decides which stores can take its data.</Callout>}
      <Panel>
        <StoreChoice
          field="sink.linkedService"
          legend="Copy to"
          chosen={sink}
          onChoose={(store) => change((current) => chooseSink(current, store))}
          refusalOf={(store) => sinkRefusal({ store: source, ...draft.source }, store)}
        />
      </Panel>
      {sink && fits ? (
        <Panel>{sink.type === 'PostgreSql' ? <SinkTable store={sink} /> : <SinkFiles store={sink} />}</Panel>
      ) : null}
    </>
  )
}
