'use client'

import { useId, useState } from 'react'
import { useProblem, useWizard, type WizardStoreView } from '@/components/copy-wizard/wizard-context'
import { Field, FieldNotes } from '@/components/form/field'
import { NodeFailureCallout } from '@/components/stores/node-failure-callout'
import { ProgressLine } from '@/components/stores/progress-line'
import { browseOptions } from '@/components/stores/query-options'
import { useAsked } from '@/components/stores/use-asked'
import { Button } from '@/components/ui/button'
import { Callout } from '@/components/ui/callout'
import { Input } from '@/components/ui/input'
import { PickList } from '@/components/ui/pick-list'
import { Select } from '@/components/ui/select'
import { chooseTables } from '@/lib/copy-wizard/choose'
import { tableKey } from '@/lib/copy-wizard/copies'
import { formatCount } from '@/lib/format'

/** The tables of a database, a schema at a time; what is picked in one schema stays while another is looked at. */
export function TablePicker({ store }: { store: WizardStoreView }) {
  const { draft, refusals } = useWizard()
  const [wanted, setWanted] = useState<string | null>(null)
  const schemas = useAsked(browseOptions(store, []), 'for schemas')
  const names = schemas.data?.output.result.items.map(({ name }) => name) ?? []
  const [first] = draft.source.tables
  const schema = wanted ?? first?.schema ?? (names.includes('public') ? 'public' : names[0])

  if (refusals.browse)
    return <Callout>You may not look into this store: {refusals.browse.toLowerCase()}.</Callout>
  if (schemas.failure) return <NodeFailureCallout failure={schemas.failure} onRetry={schemas.askAgain} />
  if (!schemas.data) return <ProgressLine>{schemas.progress ?? 'Asking for schemas…'}</ProgressLine>
  if (schema === undefined) return <Callout>The login of this linked service sees no schema.</Callout>
  return (
    <div className="flex flex-col gap-3">
      <Field label="Schema" className="max-w-80">
        {(wiring) => (
          <Select
            {...wiring}
            value={schema}
            options={names.map((name) => ({ value: name, label: name }))}
            onChange={(event) => setWanted(event.target.value)}
          />
        )}
      </Field>
      <TablesOfSchema key={schema} store={store} schema={schema} />
    </div>
  )
}

function TablesOfSchema({ store, schema }: { store: WizardStoreView; schema: string }) {
  const { draft, change } = useWizard()
  const [search, setSearch] = useState({ typed: '', asked: '' })
  const tables = useAsked(browseOptions(store, [schema], search.asked), `for tables of ${schema}`)
  const problem = useProblem('source.tables')
  const id = useId()
  const { items = [], truncated = false } = tables.data?.output.result ?? {}
  const listed = items.map(({ name }) => ({ schema, table: name }))
  const byKey = new Map([...draft.source.tables, ...listed].map((table) => [tableKey(table), table]))

  return (
    <div>
      {tables.failure ? <NodeFailureCallout failure={tables.failure} onRetry={tables.askAgain} /> : null}
      {truncated || search.asked ? (
        <form
          className="mb-2 flex flex-wrap items-center gap-2 text-sm"
          onSubmit={(event) => {
            event.preventDefault()
            setSearch(({ typed }) => ({ typed, asked: typed.trim() }))
          }}
        >
          <span className="text-fg-muted">
            {truncated ? `The first ${formatCount(items.length)} are shown.` : 'Search result.'}
          </span>
          <Input
            aria-label={`Search all tables of ${schema}`}
            placeholder="Search all tables"
            className="max-w-56"
            value={search.typed}
            onChange={(event) => setSearch({ ...search, typed: event.target.value })}
          />
          <Button size="sm" type="submit">
            Search
          </Button>
        </form>
      ) : null}
      <PickList
        label={`Tables of ${schema}`}
        loading={tables.progress}
        errorId={problem ? `${id}-error` : undefined}
        emptyText={`${schema} has no tables that this login may read`}
        items={items.map(({ name, kind, estimatedRows }) => ({
          id: tableKey({ schema, table: name }),
          label: name,
          detail: [
            kind === 'view' ? 'view' : '',
            estimatedRows === undefined ? '' : `about ${formatCount(estimatedRows)} rows`,
          ]
            .filter(Boolean)
            .join(', '),
        }))}
        picked={draft.source.tables.map(tableKey)}
        onChange={(keys) =>
          change((current) =>
            chooseTables(
              current,
              keys.flatMap((key) => byKey.get(key) ?? []),
            ),
          )
        }
      />
      <FieldNotes id={id} error={problem} />
    </div>
  )
}
