import { clsx } from 'clsx'
import type { ComponentProps, ReactNode } from 'react'
import { buttonClass, type ButtonLook } from './button'
import { RefusedButton } from './refused-button'
import { Spinner } from './spinner'
import { Tooltip } from './tooltip'

type IconButtonProps = ButtonLook &
  Omit<ComponentProps<'button'>, 'children' | 'size'> & {
    /** What it does, as a verb; the tooltip and the accessible name. */
    label: string
    icon: ReactNode
    pending?: boolean | undefined
    disabledReason?: string | null | undefined
  }

/** A square button that is only an icon; its label shows on hover and focus. */
export function IconButton({ variant = 'ghost', size = 'md', ...rest }: IconButtonProps) {
  const { label, icon, pending, disabledReason, className, ...button } = rest
  const look = iconButtonClass({ variant, size }, className)
  if (disabledReason) {
    return (
      <RefusedButton label={label} className={look} reason={disabledReason}>
        {icon}
      </RefusedButton>
    )
  }
  return (
    <Tooltip content={label}>
      <button
        type="button"
        aria-label={label}
        aria-busy={pending ? true : undefined}
        {...button}
        className={look}
      >
        {pending ? <Spinner /> : icon}
      </button>
    </Tooltip>
  )
}

/** The classes of a square icon button, for triggers that must be of another kind. */
export function iconButtonClass(look: ButtonLook, className?: string): string {
  const square = look.size === 'sm' ? 'w-7 px-0! pointer-coarse:w-9' : 'w-8 px-0! pointer-coarse:w-10'
  return clsx(buttonClass(look), square, className)
}
