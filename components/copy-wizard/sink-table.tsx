'use client'

import { PlacePicker } from '@/components/stores/place-picker'
import { SinkNames } from '@/components/copy-wizard/sink-names'
import { usePatch, useWizard, type WizardStoreView } from '@/components/copy-wizard/wizard-context'
import { WizardText } from '@/components/copy-wizard/wizard-field'
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
