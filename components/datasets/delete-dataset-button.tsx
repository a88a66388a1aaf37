'use client'

import { Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Button } from '@/components/ui/button'
import { toast } from '@/components/ui/toast'
import { deleteDatasetAction } from '@/lib/datasets/actions'
import { paths } from '@/lib/paths'

type DeleteDatasetButtonProps = {
  factory: string
  dataset: { id: string; name: string }
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** Deletes the name, never the data. */
export function DeleteDatasetButton({ factory, dataset, refusal }: DeleteDatasetButtonProps) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const { id, name } = dataset
  return (
    <>
      <Button icon={<Trash2 aria-hidden />} disabledReason={refusal} onClick={() => setOpen(true)}>
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
        landing="main"
        action={() => deleteDatasetAction({ datasetId: id, confirmName: name })}
        onDone={() => {
          toast.ok(`Dataset ${name} is deleted`)
          router.push(paths.datasets(factory))
        }}
      >
        <p>Only the definition goes. The table or the files stay as they are.</p>
      </ConfirmDialog>
    </>
  )
}
