'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Button } from '@/components/ui/button'
import { toast } from '@/components/ui/toast'
import { revokeOtherSessionsAction, revokeSessionAction } from '@/lib/account/actions'
import { formatQuantity } from '@/lib/format'

/** Signs one other browser out. */
export function EndSessionButton({ sessionId, place }: { sessionId: string; place: string }) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="sm" variant="ghost" onClick={() => setOpen(true)}>
        End
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={
          <>
            End the session of <em>{place}</em>
          </>
        }
        confirmLabel="End session"
        action={() => revokeSessionAction({ sessionId })}
        onDone={() => {
          toast.ok('The session has ended')
          router.refresh()
        }}
      >
        Its next click leads to the sign-in page. What was typed there and not saved is lost.
      </ConfirmDialog>
    </>
  )
}

/** Signs every other browser out. */
export function EndOtherSessionsButton({ count }: { count: number }) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const words = formatQuantity(count, 'other session')
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        End {words}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`End ${words}`}
        confirmLabel={`End ${words}`}
        action={() => revokeOtherSessionsAction({})}
        onDone={() => {
          toast.ok('Every other session has ended')
          router.refresh()
        }}
      >
        You stay signed in here only.
      </ConfirmDialog>
    </>
  )
}
