'use client'

import { useQueryClient } from '@tanstack/react-query'
import { CirclePause, CirclePlay, Hourglass, Pencil, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { callAction } from '@/components/form/call-action'
import { RowActions } from '@/components/table/row-actions'
import type { MenuItem } from '@/components/ui/menu'
import { toast } from '@/components/ui/toast'
import { setNodeWishAction } from '@/lib/nodes/actions'
import type { NodeWish } from '@/lib/nodes/schemas'
import { RemoveNodeDialog } from './remove-node-dialog'
import { RenameNodeSheet } from './rename-node-sheet'

/** Why this person may not do it; null where it is allowed. */
export type NodeRights = { write: string | null; cordon: string | null; remove: string | null }

type NodeActionsProps = {
  node: { id: string; displayName: string; wish: NodeWish; running: number }
  rights: NodeRights
  /** Where to go once the node is gone. */
  runtimeHref: string
}

/** Rename, pause and remove, behind one menu. */
export function NodeActions({ node, rights, runtimeHref }: NodeActionsProps) {
  const [open, setOpen] = useState<'rename' | 'remove' | null>(null)
  const refresh = useRefresh()
  const { displayName, wish } = node

  async function ask(next: NodeWish) {
    const result = await callAction(setNodeWishAction, { nodeId: node.id, wish: next })
    if (result.ok) toast.ok(doneWords[next](displayName))
    else toast.bad(`Cannot change ${displayName}`, result.error.message)
    await refresh()
  }

  const item = (next: NodeWish, label: string, icon: MenuItem['icon']): MenuItem => ({
    label,
    icon,
    disabled: rights.cordon !== null,
    note: rights.cordon ?? wishNotes[next],
    onSelect: () => void ask(next),
  })
  return (
    <>
      <RowActions
        name={displayName}
        groups={[
          [
            ...(wish === 'active' ? [] : [item('active', 'Uncordon node', <CirclePlay aria-hidden />)]),
            ...(wish === 'cordoned' ? [] : [item('cordoned', 'Cordon node', <CirclePause aria-hidden />)]),
            ...(wish === 'draining' ? [] : [item('draining', 'Drain node', <Hourglass aria-hidden />)]),
          ],
          [
            {
              label: 'Rename node',
              icon: <Pencil aria-hidden />,
              disabled: rights.write !== null,
              note: rights.write ?? undefined,
              onSelect: () => setOpen('rename'),
            },
          ],
          [
            {
              label: 'Remove node',
              icon: <Trash2 aria-hidden />,
              tone: 'danger',
              disabled: rights.remove !== null,
              note: rights.remove ?? undefined,
              onSelect: () => setOpen('remove'),
            },
          ],
        ]}
      />
      <RenameNodeSheet
        node={node}
        open={open === 'rename'}
        onOpenChange={(next) => setOpen(next ? 'rename' : null)}
        onDone={() => void refresh()}
      />
      <RemoveNodeDialog
        node={node}
        open={open === 'remove'}
        onOpenChange={(next) => setOpen(next ? 'remove' : null)}
        runtimeHref={runtimeHref}
      />
    </>
  )
}

/** Live reads first: they are what is on the screen. */
function useRefresh(): () => Promise<void> {
  const router = useRouter()
  const client = useQueryClient()
  return async () => {
    await client.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[0] === 'runtime' || queryKey[0] === 'node',
    })
    router.refresh()
  }
}

const wishNotes: Record<NodeWish, string> = {
  active: 'It takes new copies again',
  cordoned: 'Runs what it has, takes no new copies',
  draining: 'Hands its copies over, then rests',
}
const doneWords: Record<NodeWish, (name: string) => string> = {
  active: (name) => `${name} takes work again`,
  cordoned: (name) => `${name} takes no new copies`,
  draining: (name) => `${name} is draining`,
}
