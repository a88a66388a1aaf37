'use client'

import { Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { RowActions } from '@/components/table/row-actions'
import { toast } from '@/components/ui/toast'
import { formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'
import { deleteRuntimeAction } from '@/lib/runtimes/actions'

type RuntimeActionsProps = {
  factory: string
  runtime: { id: string; name: string; nodes: number }
  mayNotDelete: string | null
}

/** What can be done to a runtime as a whole. */
export function RuntimeActions({ factory, runtime, mayNotDelete }: RuntimeActionsProps) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const { id, name, nodes } = runtime
  return (
    <>
      <RowActions
        name={name}
        groups={[
          [
            {
              label: 'Delete runtime',
              icon: <Trash2 aria-hidden />,
              tone: 'danger',
              disabled: mayNotDelete !== null,
              note: mayNotDelete ?? undefined,
              onSelect: () => setOpen(true),
            },
          ],
        ]}
      />
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={
          <>
            Delete integration runtime <em>{name}</em>
          </>
        }
        confirmName={name}
        confirmLabel="Delete runtime"
        landing="main"
        action={() => deleteRuntimeAction({ runtimeId: id, confirmName: name })}
        onDone={() => {
          toast.ok(`Integration runtime ${name} is deleted`)
          router.push(paths.runtimes(factory))
          router.refresh()
        }}
      >
        <div className="flex flex-col gap-2">
          <p>
            {nodes > 0
              ? `Its ${formatQuantity(nodes, 'node')} ${nodes === 1 ? 'is' : 'are'} refused from then on, and the agents stop by themselves. `
              : ''}
            Its keys, its enrolment links and its vault go with it.
          </p>
          <p className="text-fg-muted">
            Linked services that connect through it must be moved or deleted before. Runs that used it keep
            their logs and receipts.
          </p>
        </div>
      </ConfirmDialog>
    </>
  )
}
