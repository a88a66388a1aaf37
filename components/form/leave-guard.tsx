'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'

type DiscardDialogProps = { open: boolean; onKeep: () => void; onDiscard: () => void }

/** Asks before something typed is thrown away. */
export function DiscardDialog({ open, onKeep, onDiscard }: DiscardDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onKeep()
      }}
      title="Discard what you typed?"
      description="It has not been saved."
      footer={
        <>
          <Button onClick={onDiscard}>Discard</Button>
          <Button variant="primary" onClick={onKeep} data-autofocus>
            Keep editing
          </Button>
        </>
      }
    />
  )
}

/** While `dirty`, leaving the page by a link, a reload or a closed tab asks first. */
export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const router = useRouter()
  const [target, setTarget] = useState<string | null>(null)

  useEffect(() => {
    if (!dirty) return
    const askBrowser = (event: BeforeUnloadEvent) => event.preventDefault()
    const askHere = (event: MouseEvent) => {
      const href = leavingTo(event)
      if (!href) return
      event.preventDefault()
      event.stopPropagation()
      setTarget(href)
    }
    window.addEventListener('beforeunload', askBrowser)
    document.addEventListener('click', askHere, { capture: true })
    return () => {
      window.removeEventListener('beforeunload', askBrowser)
      document.removeEventListener('click', askHere, { capture: true })
    }
  }, [dirty])

  return (
    <DiscardDialog
      open={target !== null}
      onKeep={() => setTarget(null)}
      onDiscard={() => {
        if (target) router.push(target)
        setTarget(null)
      }}
    />
  )
}

/** Where a plain click on a link of this site would go, if it leaves this page. */
function leavingTo(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link || link.target === '_blank' || link.origin !== location.origin || link.hasAttribute('download'))
    return null
  if (link.pathname === location.pathname) return null
  return link.pathname + link.search + link.hash
}
