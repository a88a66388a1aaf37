import { clsx } from 'clsx'
import Link from 'next/link'
import type { ComponentProps, ReactNode } from 'react'
import { RefusedButton } from './refused-button'
import { Spinner } from './spinner'

export type ButtonLook = {
  variant?: 'primary' | 'secondary' | 'ghost' | 'danger' | undefined
  size?: 'sm' | 'md' | undefined
}

type ButtonProps = ButtonLook &
  Omit<ComponentProps<'button'>, 'size'> & {
    icon?: ReactNode
    /** Work is under way: the button keeps its width and place, and takes no second press. */
    pending?: boolean | undefined
    /** Why it cannot be pressed now. The button stays reachable, and pressing it shows the reason. */
    disabledReason?: string | null | undefined
  }

/** Does something. Its words are a verb and the thing's name: "Delete runtime". */
export function Button({
  variant = 'secondary',
  size = 'md',
  icon,
  pending,
  disabledReason,
  ...rest
}: ButtonProps) {
  const { className, children, type = 'button', onClick, disabled, ...button } = rest
  const look = buttonClass({ variant, size }, className)
  if (disabledReason) {
    return (
      <RefusedButton className={look} reason={disabledReason}>
        {icon}
        {children}
      </RefusedButton>
    )
  }
  const idle = pending ? {} : { onClick }
  return (
    <button
      {...button}
      {...idle}
      type={pending ? 'button' : type}
      disabled={disabled}
      aria-disabled={pending ? true : undefined}
      aria-busy={pending ? true : undefined}
      className={look}
    >
      {pending ? <Spinner /> : icon}
      {children}
    </button>
  )
}

type ButtonLinkProps = ButtonLook & ComponentProps<typeof Link> & { icon?: ReactNode }

/** Goes somewhere, and looks like a button. */
export function ButtonLink({ variant, size, icon, className, children, ...link }: ButtonLinkProps) {
  return (
    <Link {...link} className={buttonClass({ variant, size }, className)}>
      {icon}
      {children}
    </Link>
  )
}

/** The classes of a button, for elements that must be of another kind (a menu's trigger, a file's label). */
export function buttonClass({ variant = 'secondary', size = 'md' }: ButtonLook, className?: string): string {
  return clsx(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none',
    'aria-disabled:opacity-55 disabled:opacity-55 [&>svg]:size-4 [&>svg]:shrink-0',
    sizes[size],
    variants[variant],
    className,
  )
}

const sizes = {
  sm: 'h-7 px-2.5 text-sm pointer-coarse:h-9',
  md: 'h-8 px-3 text-base pointer-coarse:h-10',
}

const variants = {
  primary: 'border-transparent bg-accent-solid text-accent-on hover:bg-accent-solid-hover',
  secondary: 'border-neutral-7 bg-panel text-fg hover:bg-hover',
  ghost: 'border-transparent bg-transparent text-fg-muted hover:bg-hover hover:text-fg',
  danger: 'border-transparent bg-bad-solid text-bad-on hover:bg-bad-solid-hover',
}
