'use client'

import { lazy, Suspense } from 'react'
import { FilesSource } from '@/components/copy-wizard/files-source'
import { StoreChoice } from '@/components/copy-wizard/store-choice'
import { usePatch, useWizard } from '@/components/copy-wizard/wizard-context'
import { WizardChoice, WizardText } from '@/components/copy-wizard/wizard-field'
import { ProgressLine } from '@/components/stores/progress-line'
import { Panel } from '@/components/ui/panel'
import { chooseKind, chooseSource } from '@/lib/copy-wizard/choose'

/** Lists of thousands of tables cost 10 kB of script, which the page should not wait for before a store was chosen. */
const TablePicker = lazy(async () => ({
  default: (await import('@/components/copy-wizard/table-picker')).TablePicker,
}))

/** Where to copy from, and what. */
export function SourceStep() {
  const { draft, change, source } = useWizard()
  return (
    <>
      <Panel>
        <StoreChoice
          field="source.linkedService"
          legend="Copy from"
          chosen={source}
          onChoose={(store) => change((current) => chooseSource(current, store))}
          refusalOf={() => null}
        />
      </Panel>
      {source?.type === 'PostgreSql' ? (
        <Panel>
          <div className="flex flex-col gap-4">
            <WizardChoice
              field="source.kind"
              legend="What"
              offers={kinds}
              value={draft.source.kind === 'query' ? 'query' : 'tables'}
              onChange={(kind) => change((current) => chooseKind(current, kind))}
            />
            {draft.source.kind === 'query' ? (
              <QueryText />
            ) : (
              <Suspense fallback={<ProgressLine>Asking for schemas…</ProgressLine>}>
                <TablePicker store={source} />
              </Suspense>
            )}
          </div>
        </Panel>
      ) : null}
      {source && source.type !== 'PostgreSql' ? <FilesSource store={source} /> : null}
    </>
  )
}

const kinds = [
  {
    value: 'tables',
    label: 'Tables',
    hint: 'One or several, each whole. Large tables are copied in parallel parts',
  },
  { value: 'query', label: 'A query', hint: 'The rows of a SELECT, read by one node in one piece' },
] as const

function QueryText() {
  const { draft } = useWizard()
  const patch = usePatch('source')
  return (
    <WizardText
      field="source.query"
      label="Query"
      hint="It may read only. Every column needs a name of its own."
      placeholder="select id, total from orders where placed_at >= date '2026-01-01'"
      mono
      rows={6}
      value={draft.source.query}
      onChange={(query) => patch({ query })}
    />
  )
}
