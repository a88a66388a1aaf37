'use client'

import { Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { InUse } from '@/components/form/in-use'
import { RowActions } from '@/components/table/row-actions'
import { toast } from '@/components/ui/toast'
import { formatQuantity } from '@/lib/format'
import type { NameList } from '@/lib/name-page'
import { paths, withQuery } from '@/lib/paths'
import { deleteRuntimeAction } from '@/lib/runtimes/actions'

type RuntimeActionsProps = {
  factory: string
  runtime: { id: string; name: string; nodes: number }
  /** Linked services that connect through it. */
  users: NameList
  mayNotDelete: string | null
}

/** What can be done to a runtime as a whole. */
export function RuntimeActions({ factory, runtime, users, mayNotDelete }: RuntimeActionsProps) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const { id, name, nodes } = runtime
  function handleDelete() {
    // What uses it may have changed since the page came.
    router.refresh()
    setOpen(true)
  }
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
              onSelect: handleDelete,
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
        disabledReason={users.total > 0 ? 'Linked services connect through it' : null}
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
          <p className="text-fg-muted">Runs that used it keep their logs and receipts.</p>
          {users.total > 0 ? (
            <InUse
              users={users}
              noun={['linked service', 'linked services']}
              does={['connects through it', 'connect through it']}
              remedy={['Move or delete it first.', 'Move or delete them first.']}
              href={(service) => paths.linkedService(factory, service)}
              allHref={withQuery(paths.linkedServices(factory), { q: name })}
            />
          ) : null}
        </div>
      </ConfirmDialog>
    </>
  )
}
