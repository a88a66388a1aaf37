'use client'

import { FormSheet } from '@/components/form/form-sheet'
import { TextField } from '@/components/form/text-field'
import { toast } from '@/components/ui/toast'
import { renameNodeAction } from '@/lib/nodes/actions'

type RenameNodeSheetProps = {
  node: { id: string; displayName: string }
  open: boolean
  onOpenChange: (open: boolean) => void
  onDone: () => void
}

export function RenameNodeSheet({ node, onDone, ...sheet }: RenameNodeSheetProps) {
  return (
    <FormSheet
      {...sheet}
      title={
        <>
          Rename node <em>{node.displayName}</em>
        </>
      }
      schema={async () => (await import('@/lib/nodes/schemas')).RenameNodeInput}
      defaultValues={{ nodeId: node.id, displayName: node.displayName }}
      action={renameNodeAction}
      onDone={({ displayName }) => {
        toast.ok(`The node is called ${displayName} now`)
        onDone()
      }}
      submitLabel="Rename node"
    >
      <TextField
        name="displayName"
        label="Display name"
        hint="People see it here. The name in the agent's own logs stays as it was registered."
        autoComplete="off"
      />
    </FormSheet>
  )
}
