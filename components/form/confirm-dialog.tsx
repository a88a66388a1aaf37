'use client'

import { useId, useRef, useState, type ReactNode } from 'react'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Input } from '@/components/ui/input'
import type { ActionError, ActionResult } from '@/lib/action-result'
import { FormError } from './form-error'
import { callAction } from './call-action'

type ConfirmDialogProps<Data> = {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** Names the thing: "Delete factory *acme*". */
  title: ReactNode
  /** What goes with it, and what stays. */
  children: ReactNode
  /** When given, it must be typed before the button works; not where it works in no case. */
  confirmName?: string | undefined
  confirmLabel: string
  /** Why it cannot be done at all; the text above says more. */
  disabledReason?: string | null
  /** For an act that is a cancelling itself: two buttons that say "Cancel" would be a riddle. */
  dismissLabel?: string
  tone?: 'danger' | 'primary'
  /**
   * What takes the focus after the act, where the control that opened the dialog goes with the thing: the page's heading, or
   * its `main` where another page comes and has a heading of its own.
   */
  landing?: 'heading' | 'main' | undefined
  action: () => Promise<ActionResult<Data>>
  onDone?: (data: Data) => void
}

/** A dangerous act, confirmed by typing the thing's name; a failure is said in place and can be tried again. */
export function ConfirmDialog<Data>({ tone = 'danger', ...props }: ConfirmDialogProps<Data>) {
  const {
    open,
    onOpenChange,
    title,
    children,
    confirmName,
    confirmLabel,
    disabledReason = null,
    dismissLabel = 'Cancel',
    landing,
  } = props
  const { typed, setTyped, pending, failure, isDone, confirm } = useConfirm(props)
  const formId = useId()
  const matches = confirmName === undefined || typed.trim() === confirmName
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!pending) onOpenChange(next)
      }}
      title={title}
      landing={() => (landing && isDone() ? document.querySelector<HTMLElement>(landings[landing]) : null)}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{dismissLabel}</Button>
          <Button
            variant={tone}
            type="submit"
            form={formId}
            pending={pending}
            disabledReason={disabledReason ?? (matches ? null : `Type ${confirmName} first`)}
          >
            {confirmLabel}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (matches && !pending && disabledReason === null) void confirm()
        }}
      >
        <div className="wrap-anywhere">{children}</div>
        {confirmName === undefined || disabledReason !== null ? null : (
          <div className="text-sm">
            <label htmlFor={`${formId}-name`} className="mb-1 block">
              Type <strong className="font-semibold select-all">{confirmName}</strong> to confirm
            </label>
            <Input
              id={`${formId}-name`}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              spellCheck={false}
            />
          </div>
        )}
        <FormError failure={failure} />
      </form>
    </Dialog>
  )
}

const landings = { heading: '#main h1', main: '#main' }

function useConfirm<Data>({ open, onOpenChange, action, onDone }: ConfirmDialogProps<Data>) {
  const [typed, setTyped] = useState('')
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<ActionError | null>(null)
  const [wasOpen, setWasOpen] = useState(open)
  const done = useRef(false)
  if (open !== wasOpen) {
    setWasOpen(open)
    setTyped('')
    setFailure(null)
  }

  async function confirm() {
    setPending(true)
    done.current = false
    const result = await callAction(() => action(), undefined)
    setPending(false)
    if (!result.ok) {
      setFailure(result.error)
      return
    }
    done.current = true
    onOpenChange(false)
    onDone?.(result.data)
  }
  return { typed, setTyped, pending, failure, isDone: () => done.current, confirm }
}
