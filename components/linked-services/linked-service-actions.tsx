'use client'

import { ArrowRightLeft, Pencil, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { lazy, useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import type { EditedLinkedService } from '@/components/linked-services/form-values'
import { OnOpen } from '@/components/form/on-open'
import { Button, ButtonLink } from '@/components/ui/button'
import { toast } from '@/components/ui/toast'
import { deleteLinkedServiceAction } from '@/lib/linked-services/actions'
import type { RuntimeVault } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'

/** Fetched when first opened: sealing and checking are heavy. */
const LinkedServiceSheet = lazy(async () => ({
  default: (await import('@/components/linked-services/linked-service-sheet')).LinkedServiceSheet,
}))

type LinkedServiceActionsProps = {
  factory: { id: string; name: string }
  linkedService: EditedLinkedService
  vaults: readonly RuntimeVault[]
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** What can be done with a linked service, at the top of its page. */
export function LinkedServiceActions({ factory, linkedService, vaults, refusal }: LinkedServiceActionsProps) {
  const router = useRouter()
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null)
  const { id, name } = linkedService
  const close = () => setOpen(null)
  return (
    <>
      <Button
        variant="ghost"
        icon={<Trash2 aria-hidden />}
        disabledReason={refusal}
        onClick={() => setOpen('delete')}
      >
        Delete
      </Button>
      <Button icon={<Pencil aria-hidden />} disabledReason={refusal} onClick={() => setOpen('edit')}>
        Edit
      </Button>
      <ButtonLink
        variant="primary"
        icon={<ArrowRightLeft aria-hidden />}
        href={paths.copyWizard(factory.name, { linkedService: name })}
      >
        Copy data from it
      </ButtonLink>
      <OnOpen open={open === 'edit'}>
        <LinkedServiceSheet
          open={open === 'edit'}
          onOpenChange={close}
          factory={factory}
          vaults={vaults}
          before={linkedService}
        />
      </OnOpen>
      <ConfirmDialog
        open={open === 'delete'}
        onOpenChange={close}
        title={
          <>
            Delete linked service <em>{name}</em>
          </>
        }
        confirmName={name}
        confirmLabel="Delete linked service"
        landing="main"
        action={() => deleteLinkedServiceAction({ linkedServiceId: id, confirmName: name })}
        onDone={() => {
          toast.ok(`Linked service ${name} is deleted`)
          router.push(paths.linkedServices(factory.name))
        }}
      >
        <p>
          Its sealed secret leaves the portal at once and every node at its next poll. The store itself stays
          as it is.
        </p>
      </ConfirmDialog>
    </>
  )
}
