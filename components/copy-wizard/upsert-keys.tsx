'use client'

import { useProblem, useWizard } from '@/components/copy-wizard/wizard-context'
import { FieldNotes } from '@/components/form/field'
import { ProgressLine } from '@/components/stores/progress-line'
import { Checkbox } from '@/components/ui/choice'
import { Input } from '@/components/ui/input'
import type { PlannedCopy } from '@/lib/copy-wizard/copies'
import { useId } from 'react'

/** The columns by which a row is known again, per table; a primary key proposes itself. */
export function UpsertKeys() {
  const { copies } = useWizard()
  return (
    <div className="mt-4 flex flex-col gap-4 border-t pt-4">
      {copies.map((copy) => (
        <KeysOf key={copy.key} copy={copy} />
      ))}
    </div>
  )
}

function KeysOf({ copy }: { copy: PlannedCopy }) {
  const { draft, change, mappings } = useWizard()
  const problem = useProblem(`keys.${copy.key}`)
  const id = useId()
  const keys = draft.keys[copy.key] ?? []
  const mapping = mappings[copy.key]
  const columns = mapping?.known?.lines.filter(({ include }) => include).map(({ sink }) => sink)
  const setKeys = (next: string[]) =>
    change((current) => ({ ...current, keys: { ...current.keys, [copy.key]: next } }))

  return (
    <fieldset aria-describedby={problem ? `${id}-error` : undefined} className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium wrap-anywhere">Key of {copy.label}</legend>
      {columns ? (
        <div className="flex max-h-48 flex-wrap gap-x-5 gap-y-1.5 overflow-y-auto">
          {columns.map((column) => (
            <Checkbox
              key={column}
              label={column}
              checked={keys.includes(column)}
              onChange={(event) =>
                setKeys(event.target.checked ? [...keys, column] : keys.filter((name) => name !== column))
              }
            />
          ))}
        </div>
      ) : mapping && !mapping.failure ? (
        <ProgressLine>{mapping.progress ?? 'Asking for the columns…'}</ProgressLine>
      ) : (
        <Input
          aria-label={`Key columns of ${copy.label}`}
          placeholder="id, line_no"
          className="max-w-96"
          defaultValue={keys.join(', ')}
          onChange={(event) =>
            setKeys(
              event.target.value
                .split(',')
                .map((name) => name.trim())
                .filter(Boolean),
            )
          }
        />
      )}
      <FieldNotes id={id} error={problem} />
    </fieldset>
  )
}
