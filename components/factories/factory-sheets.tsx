'use client'

import { useRouter } from 'next/navigation'
import { FormSheet } from '@/components/form/form-sheet'
import { TagsField } from '@/components/form/tags-field'
import { TextareaField, TextField } from '@/components/form/text-field'
import { toast } from '@/components/ui/toast'
import { createFactoryAction, updateFactoryAction } from '@/lib/factories/actions'
import type { Factory } from '@/lib/factories/queries'
import { paths } from '@/lib/paths'

type SheetProps = { open: boolean; onOpenChange: (open: boolean) => void }

export function CreateFactorySheet(sheet: SheetProps) {
  const router = useRouter()
  return (
    <FormSheet
      {...sheet}
      title="Create factory"
      description="A factory owns integration runtimes, linked services, datasets, pipelines and their runs."
      schema={async () => (await import('@/lib/factories/schemas')).CreateFactoryInput}
      defaultValues={{ name: '', description: '', tags: {} }}
      action={createFactoryAction}
      onDone={({ name }) => {
        toast.ok(`Factory ${name} is created`)
        router.push(paths.factory(name))
      }}
      submitLabel="Create factory"
    >
      <TextField
        name="name"
        label="Name"
        hint="3 to 63 letters, digits and single hyphens. It cannot be changed later: keys and addresses carry it."
        autoComplete="off"
        spellCheck={false}
      />
      <DescriptionAndTags />
    </FormSheet>
  )
}

export function EditFactorySheet({ factory, ...sheet }: SheetProps & { factory: EditableFactory }) {
  const router = useRouter()
  const { id, name, description, tags } = factory
  return (
    <FormSheet
      {...sheet}
      title={
        <>
          Edit factory <em>{name}</em>
        </>
      }
      schema={async () => (await import('@/lib/factories/schemas')).UpdateFactoryInput}
      defaultValues={{ factoryId: id, description, tags }}
      action={updateFactoryAction}
      onDone={() => {
        toast.ok(`Factory ${name} is saved`)
        router.refresh()
      }}
      submitLabel="Save factory"
    >
      <DescriptionAndTags />
    </FormSheet>
  )
}

export type EditableFactory = Pick<Factory, 'id' | 'name' | 'description' | 'tags'>

function DescriptionAndTags() {
  return (
    <>
      <TextareaField name="description" label="Description" optional rows={3} />
      <TagsField name="tags" label="Tags" hint="For example site: Kiel. Lists can be filtered by them." />
    </>
  )
}
