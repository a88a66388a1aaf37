'use client'

import { useRouter } from 'next/navigation'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { toast } from '@/components/ui/toast'
import { regenerateAuthKeyAction } from '@/lib/auth-keys/actions'
import type { AuthKeyRow } from '@/lib/auth-keys/queries'
import { LastUse } from './last-use'

type RegenerateKeyDialogProps = {
  runtimeId: string
  /** The key in question; null while the dialog is closed. */
  row: AuthKeyRow | null
  label: string
  onClose: () => void
}

/** Names who used the key last, because that is who will be locked out. */
export function RegenerateKeyDialog({ runtimeId, row, label, onClose }: RegenerateKeyDialogProps) {
  const router = useRouter()
  if (!row) return null
  const other = row.name === 'authKey1' ? 'authentication key 2' : 'authentication key 1'
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={`Regenerate ${label.toLowerCase()}`}
      confirmLabel="Regenerate key"
      action={() => regenerateAuthKeyAction({ runtimeId, name: row.name })}
      onDone={() => {
        toast.ok(`${label} is new`, 'The old one registers no node any more.')
        onClose()
        router.refresh()
      }}
    >
      <div className="flex flex-col gap-2">
        <p>
          The present key stops working at once: scripts and images that hold it cannot register nodes any
          more.
        </p>
        <p>
          <LastUse row={row} />
        </p>
        <p className="text-fg-muted">
          Nodes that are registered stay. Use {other} meanwhile, so that nothing stands still.
        </p>
      </div>
    </ConfirmDialog>
  )
}
