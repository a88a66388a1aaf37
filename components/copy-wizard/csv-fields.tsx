'use client'

import { useProblem } from '@/components/copy-wizard/wizard-context'
import { Field } from '@/components/form/field'
import { delimiterOptions } from '@/components/stores/csv-delimiters'
import { Checkbox } from '@/components/ui/choice'
import { Input } from '@/components/ui/input'
import { Select } from '@/components/ui/select'
import type { CopyDraft } from '@/lib/copy-wizard/draft'

type Csv = CopyDraft['source']['csv']
type CsvFieldsProps = { part: 'source' | 'sink'; csv: Csv; onChange: (csv: Csv) => void }

/** How a CSV file is written; the defaults are those of PostgreSQL's COPY and of most spreadsheets. */
export function CsvFields({ part, csv, onChange }: CsvFieldsProps) {
  const delimiter = useProblem(`${part}.csv.delimiter`)
  const quote = useProblem(`${part}.csv.quote`)
  const nullText = useProblem(`${part}.csv.nullText`)
  const text = (key: 'quote' | 'nullText') => ({
    value: csv[key],
    mono: true,
    onChange: (event: { target: { value: string } }) => onChange({ ...csv, [key]: event.target.value }),
  })
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 text-sm font-medium">CSV</legend>
      <div className="grid gap-3 sm:grid-cols-3">
        <Field label="Delimiter" error={delimiter}>
          {(wiring) => (
            <Select
              {...wiring}
              options={delimiterOptions(csv.delimiter)}
              value={csv.delimiter}
              onChange={(event) => onChange({ ...csv, delimiter: event.target.value })}
            />
          )}
        </Field>
        <Field label="Quote" error={quote}>
          {(wiring) => <Input {...wiring} {...text('quote')} />}
        </Field>
        <Field label="Text for NULL" hint="Empty: an unquoted nothing" error={nullText}>
          {(wiring) => <Input {...wiring} {...text('nullText')} />}
        </Field>
      </div>
      <Checkbox
        className="mt-3"
        label="The first line holds the column names"
        checked={csv.header}
        onChange={(event) => onChange({ ...csv, header: event.target.checked })}
      />
    </fieldset>
  )
}
