'use client'

import { useQuery } from '@tanstack/react-query'
import { PlacePicker } from '@/components/stores/place-picker'
import { SinkNames } from '@/components/copy-wizard/sink-names'
import { browseOptions } from '@/components/stores/query-options'
import { usePatch, useWizard, type WizardStoreView } from '@/components/copy-wizard/wizard-context'
import { WizardText } from '@/components/copy-wizard/wizard-field'
import { Callout } from '@/components/ui/callout'
import { Checkbox } from '@/components/ui/choice'

/** The table, or how several are called. */
export function SinkTable({ store }: { store: WizardStoreView }) {
  const { draft, refusals } = useWizard()
  const patch = usePatch('sink')
  const { schema, table, createTable } = draft.sink
  const byPattern = draft.source.kind === 'tables'
  return (
    <div className="flex flex-col gap-4">
      <div className="grid items-start gap-3 sm:grid-cols-[1fr_1fr_auto]">
        <WizardText
          field="sink.schema"
          label="Schema"
          value={schema}
          onChange={(value) => patch({ schema: value })}
        />
        <WizardText
          field="sink.table"
          label={byPattern ? 'Table name' : 'Table'}
          hint={byPattern ? '{table} and {schema} stand for the names at the source' : undefined}
          value={table}
          onChange={(value) => patch({ table: value })}
        />
        <div className="sm:pt-6">
          <PlacePicker
            store={store}
            start={schema ? [schema] : []}
            title="Choose the table to copy into"
            places={false}
            refusal={refusals.browse}
            onPick={({ path, item }) => patch({ schema: path[0] ?? schema, table: item?.name ?? table })}
          />
        </div>
      </div>
      <MissingSchema store={store} schema={schema.trim()} />
      <Checkbox
        label="Make tables that are missing"
        hint="From the mapping: names, types and, where the source has one, the primary key"
        checked={createTable}
        onChange={(event) => patch({ createTable: event.target.checked })}
      />
      <SinkNames />
    </div>
  )
}

/**
 * The copy makes tables, never schemas: without this the first to say so would be the run. It asks no node of its own: it
 * knows the schemas where somebody looked into this store already, for the source or by Browse.
 */
function MissingSchema({ store, schema }: { store: WizardStoreView; schema: string }) {
  const asked = useQuery({ ...browseOptions(store, []), enabled: false })
  const result = asked.data?.output.result
  const isThere = !result || result.truncated || result.items.some(({ name }) => name === schema)
  if (isThere || !schema) return null
  return (
    <Callout tone="warn" title={`${store.name} has no schema ${schema} that its login may use`} live>
      Make it there before the copy runs, or choose one that is there: a copy makes tables, but no schemas.
    </Callout>
  )
}
