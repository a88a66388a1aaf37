'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Button } from '@/components/ui/button'
import { toast } from '@/components/ui/toast'
import { revokeEnrolmentLinkAction } from '@/lib/enrolment-links/actions'

/** Makes a link worthless before somebody uses it. */
export function RevokeLinkButton({
  linkId,
  disabledReason,
}: {
  linkId: string
  disabledReason: string | null
}) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="sm" variant="ghost" disabledReason={disabledReason} onClick={() => setOpen(true)}>
        Revoke
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Revoke enrolment link"
        confirmLabel="Revoke link"
        landing="heading"
        action={() => revokeEnrolmentLinkAction({ linkId })}
        onDone={() => {
          toast.ok('The enrolment link is revoked')
          router.refresh()
        }}
      >
        Whoever has its install line can no longer register a node with it. Nodes that are registered stay.
      </ConfirmDialog>
    </>
  )
}
