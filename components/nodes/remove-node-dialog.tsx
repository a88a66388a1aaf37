'use client'

import { usePathname, useRouter } from 'next/navigation'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { toast } from '@/components/ui/toast'
import { formatQuantity } from '@/lib/format'
import { removeNodeAction } from '@/lib/nodes/actions'

type RemoveNodeDialogProps = {
  node: { id: string; displayName: string; running: number }
  open: boolean
  onOpenChange: (open: boolean) => void
  runtimeHref: string
}

/** Says what removal means before it happens. */
export function RemoveNodeDialog({ node, runtimeHref, ...dialog }: RemoveNodeDialogProps) {
  const router = useRouter()
  const isInList = usePathname() === runtimeHref
  const { id, displayName, running } = node
  return (
    <ConfirmDialog
      {...dialog}
      title={
        <>
          Remove node <em>{displayName}</em>
        </>
      }
      confirmName={displayName}
      confirmLabel="Remove node"
      landing={isInList ? 'heading' : 'main'}
      action={() => removeNodeAction({ nodeId: id, confirmName: displayName })}
      onDone={() => {
        toast.ok(`Node ${displayName} is removed`)
        router.push(runtimeHref)
        router.refresh()
      }}
    >
      <ul className="list-disc space-y-1 pl-5">
        <li>The portal refuses the node from now on; its agent stops by itself.</li>
        <li>
          {running > 0
            ? `${formatQuantity(running, 'task')} that it holds ${running === 1 ? 'moves' : 'move'} to other nodes at once and ${running === 1 ? 'goes' : 'go'} on from the last checkpoint.`
            : 'It holds no task at this moment.'}
        </li>
        <li>
          The vault gets a new key that this node cannot read, and another node seals every credential again.
          Nobody has to enter a password.
        </li>
        <li>If it was the last node, the vault is lost with it: credentials must be entered again.</li>
        <li>To bring the machine back, register it anew.</li>
      </ul>
    </ConfirmDialog>
  )
}
