'use client'

import { Plus, X } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'
import { get, useController, useFormContext, useFormState } from 'react-hook-form'
import { Button } from '@/components/ui/button'
import { IconButton } from '@/components/ui/icon-button'
import { Input } from '@/components/ui/input'
import { FieldNotes } from './field'

type TagsFieldProps = { name: string; label: ReactNode; hint?: ReactNode }
type Tag = { id: number; name: string; value: string }

/** Names with values in a form, held as a record: `{ team: 'logistics' }`. A row without a name is not kept. */
export function TagsField({ name, label, hint }: TagsFieldProps) {
  const id = useId()
  const { field } = useController({ name })
  const [tags, setTags] = useState<Tag[]>(() => toTags(field.value))
  const error = useTagsError(name) ?? twice(tags)

  function change(next: Tag[]) {
    setTags(next)
    field.onChange(
      Object.fromEntries(next.filter((tag) => tag.name.trim()).map((tag) => [tag.name.trim(), tag.value])),
    )
  }
  const edit = (changed: Tag) => change(tags.map((tag) => (tag.id === changed.id ? changed : tag)))

  return (
    <fieldset aria-describedby={`${id}-hint ${id}-error`} className="min-w-0">
      <legend className="mb-1 text-sm font-medium">{label}</legend>
      <div className="flex flex-col gap-2">
        {tags.map((tag, index) => (
          <div key={tag.id} className="flex items-center gap-2">
            <Input
              aria-label={`Name of tag ${index + 1}`}
              placeholder="Name"
              value={tag.name}
              onChange={(event) => edit({ ...tag, name: event.target.value })}
              onBlur={field.onBlur}
            />
            <Input
              aria-label={`Value of tag ${index + 1}`}
              placeholder="Value"
              value={tag.value}
              onChange={(event) => edit({ ...tag, value: event.target.value })}
              onBlur={field.onBlur}
            />
            <IconButton
              label={`Remove tag ${tag.name || index + 1}`}
              icon={<X aria-hidden />}
              onClick={() => change(tags.filter(({ id }) => id !== tag.id))}
            />
          </div>
        ))}
        <div>
          <Button
            size="sm"
            icon={<Plus aria-hidden />}
            onClick={() => change([...tags, { id: nextId(tags), name: '', value: '' }])}
          >
            Add tag
          </Button>
        </div>
      </div>
      <FieldNotes id={id} hint={hint} error={error} />
    </fieldset>
  )
}

function toTags(record: unknown): Tag[] {
  if (typeof record !== 'object' || record === null) return []
  return Object.entries(record).map(([name, value], id) => ({ id, name, value: String(value) }))
}

function nextId(tags: readonly Tag[]): number {
  return Math.max(-1, ...tags.map(({ id }) => id)) + 1
}

function twice(tags: readonly Tag[]): string | undefined {
  const names = tags.map((tag) => tag.name.trim()).filter(Boolean)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  return repeated ? `The name ${repeated} stands twice; only the last value is kept` : undefined
}

/** The record's own error, or the first of one of its tags. */
function useTagsError(name: string): string | undefined {
  const { control } = useFormContext()
  const { errors } = useFormState({ control, name })
  const error: { message?: unknown } | undefined = get(errors, name)
  const candidates = [error?.message, ...Object.values(error ?? {}).map((each) => get(each, 'message'))]
  return candidates.find((message) => typeof message === 'string')
}
