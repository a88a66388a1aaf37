'use client'

import { ArrowRightLeft, Pencil, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { lazy, useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { InUse } from '@/components/form/in-use'
import type { EditedLinkedService } from '@/components/linked-services/form-values'
import { OnOpen } from '@/components/form/on-open'
import { Button, ButtonLink } from '@/components/ui/button'
import { toast } from '@/components/ui/toast'
import { deleteLinkedServiceAction } from '@/lib/linked-services/actions'
import type { RuntimeVaults } from '@/lib/linked-services/queries'
import type { NameList } from '@/lib/name-page'
import { paths, withQuery } from '@/lib/paths'

/** Fetched when first opened: sealing and checking are heavy. */
const LinkedServiceSheet = lazy(async () => ({
  default: (await import('@/components/linked-services/linked-service-sheet')).LinkedServiceSheet,
}))

type LinkedServiceActionsProps = {
  factory: { id: string; name: string }
  linkedService: EditedLinkedService
  vaults: RuntimeVaults
  /** Datasets that lie in it. */
  users: NameList
  /** Why this person may not change it; null where they may. */
  refusal: string | null
}

/** What can be done with a linked service, at the top of its page. */
export function LinkedServiceActions(props: LinkedServiceActionsProps) {
  const { factory, linkedService, vaults, users, refusal } = props
  const router = useRouter()
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null)
  const { id, name } = linkedService
  const close = () => setOpen(null)
  function handleDelete() {
    // What uses it may have changed since the page came.
    router.refresh()
    setOpen('delete')
  }
  return (
    <>
      <Button variant="ghost" icon={<Trash2 aria-hidden />} disabledReason={refusal} onClick={handleDelete}>
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
        disabledReason={users.total > 0 ? 'Datasets use it' : null}
        landing="main"
        action={() => deleteLinkedServiceAction({ linkedServiceId: id, confirmName: name })}
        onDone={() => {
          toast.ok(`Linked service ${name} is deleted`)
          router.push(paths.linkedServices(factory.name))
        }}
      >
        <div className="flex flex-col gap-3">
          <p>
            Its sealed secret leaves the portal at once and every node at its next poll. The store itself
            stays as it is.
          </p>
          {users.total > 0 ? (
            <InUse
              users={users}
              noun={['dataset', 'datasets']}
              does={['uses it', 'use it']}
              remedy={['Delete it first.', 'Delete them first.']}
              href={(dataset) => paths.dataset(factory.name, dataset)}
              allHref={withQuery(paths.datasets(factory.name), { q: name })}
            />
          ) : null}
        </div>
      </ConfirmDialog>
    </>
  )
}
