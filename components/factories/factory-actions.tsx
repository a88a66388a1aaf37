'use client'

import { Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { RowActions } from '@/components/table/row-actions'
import type { FactoryContents } from '@/lib/factories/contents'
import { DeleteFactoryDialog } from './delete-factory-dialog'
import { type EditableFactory, EditFactorySheet } from './factory-sheets'

type FactoryActionsProps = {
  factory: EditableFactory & { contents: FactoryContents }
  /** Why this person may not; null where it is allowed. */
  whyNot: { edit: string | null; remove: string | null }
}

/** Edit and delete, behind the row's or the page's menu. */
export function FactoryActions({ factory, whyNot }: FactoryActionsProps) {
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null)
  const setIf = (what: 'edit' | 'remove') => (next: boolean) => setOpen(next ? what : null)
  return (
    <>
      <RowActions
        name={factory.name}
        groups={[
          [
            {
              label: 'Edit factory',
              icon: <Pencil aria-hidden />,
              disabled: whyNot.edit !== null,
              note: whyNot.edit ?? undefined,
              onSelect: () => setOpen('edit'),
            },
          ],
          [
            {
              label: 'Delete factory',
              icon: <Trash2 aria-hidden />,
              tone: 'danger',
              disabled: whyNot.remove !== null,
              note: whyNot.remove ?? undefined,
              onSelect: () => setOpen('remove'),
            },
          ],
        ]}
      />
      <EditFactorySheet factory={factory} open={open === 'edit'} onOpenChange={setIf('edit')} />
      <DeleteFactoryDialog factory={factory} open={open === 'remove'} onOpenChange={setIf('remove')} />
    </>
  )
}
