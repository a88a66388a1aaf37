'use client'

import { Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { InUse } from '@/components/form/in-use'
import { Button } from '@/components/ui/button'
import { toast } from '@/components/ui/toast'
import { deleteDatasetAction } from '@/lib/datasets/actions'
import type { NameList } from '@/lib/name-page'
import { paths, withQuery } from '@/lib/paths'

type DeleteDatasetButtonProps = {
  factory: string
  dataset: { id: string; name: string }
  /** Pipelines that copy from or to it. */
  users: NameList
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** Deletes the name, never the data. */
export function DeleteDatasetButton({ factory, dataset, users, refusal }: DeleteDatasetButtonProps) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const { id, name } = dataset
  function handleDelete() {
    // What uses it may have changed since the page came.
    router.refresh()
    setOpen(true)
  }
  return (
    <>
      <Button icon={<Trash2 aria-hidden />} disabledReason={refusal} onClick={handleDelete}>
        Delete
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={
          <>
            Delete dataset <em>{name}</em>
          </>
        }
        confirmName={name}
        confirmLabel="Delete dataset"
        disabledReason={users.total > 0 ? 'Pipelines use it' : null}
        landing="main"
        action={() => deleteDatasetAction({ datasetId: id, confirmName: name })}
        onDone={() => {
          toast.ok(`Dataset ${name} is deleted`)
          router.push(paths.datasets(factory))
        }}
      >
        <div className="flex flex-col gap-3">
          <p>Only the definition goes. The table or the files stay as they are.</p>
          {users.total > 0 ? (
            <InUse
              users={users}
              noun={['pipeline', 'pipelines']}
              does={['copies from or to it', 'copy from or to it']}
              remedy={['Delete or change it first.', 'Delete or change them first.']}
              href={(pipeline) => paths.pipeline(factory, pipeline)}
              allHref={withQuery(paths.pipelines(factory), { q: name })}
            />
          ) : null}
        </div>
      </ConfirmDialog>
    </>
  )
}
