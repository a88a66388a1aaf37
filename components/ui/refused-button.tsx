import { useId, type ReactNode } from 'react'

type RefusedButtonProps = {
  reason: string
  className: string
  children: ReactNode
  label?: string | undefined
}

/** A button that cannot act now: hovering, focusing or pressing it says why. */
export function RefusedButton({ reason, className, children, label }: RefusedButtonProps) {
  const reasonId = useId()
  return (
    <>
      <button
        type="button"
        aria-disabled
        aria-label={label}
        aria-describedby={reasonId}
        data-tip={reason}
        data-tip-press
        className={className}
      >
        {children}
      </button>
      <span id={reasonId} hidden>
        {reason}
      </span>
    </>
  )
}
