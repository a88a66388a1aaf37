'use client'

import { useController } from 'react-hook-form'
import { JsonEditor } from '@/components/ui/json-editor'
import { useFieldError } from './field'

type JsonFieldProps = {
  name: string
  label: string
  /** What is wrong with the text now, each with its path. */
  check: (text: string) => readonly string[]
  rows?: number
}

/** A definition as JSON in a form: what is wrong is said while it is typed, and what the portal refuses afterwards. */
export function JsonField({ name, label, check, rows = 24 }: JsonFieldProps) {
  const { field } = useController({ name })
  const refused = useFieldError(name)
  const text = String(field.value ?? '')
  const problems = check(text)
  return (
    <JsonEditor
      label={label}
      value={text}
      onChange={field.onChange}
      problems={problems.length === 0 && refused ? [refused] : problems}
      rows={rows}
    />
  )
}
