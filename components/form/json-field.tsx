'use client'

import { useController } from 'react-hook-form'
import { JsonEditor } from '@/components/ui/json-editor'
import { useFieldError } from './use-field-error'
import { type Reader, useLateReader } from './use-late-reader'

type JsonFieldProps = {
  name: string
  label: string
  /** Says what is wrong with the text, each with its path; fetched with the first change. */
  reader: () => Promise<Reader<unknown>>
  rows?: number
}

/** A definition as JSON in a form: what is wrong is said while it is typed, and what the portal refuses afterwards. */
export function JsonField({ name, label, reader, rows = 24 }: JsonFieldProps) {
  const { field, fieldState } = useController({ name })
  const refused = useFieldError(name)
  const text = String(field.value ?? '')
  const read = useLateReader(reader, fieldState.isDirty)?.(text)
  const problems = read && !read.ok ? read.problems : []
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
